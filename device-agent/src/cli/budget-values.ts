import { UsageError } from '@precrop/sdk/core/errors';
import { type Budget, type BudgetName, budgetNames, budgets, type Cost } from '@precrop/sdk/plan/budget';

/** A budget as a person writes it: a number with its unit, or a share of what the original costs. */
export type AskedBudget = Readonly<Partial<Record<BudgetName, AskedValue>>>;
export type AskedValue = { readonly value: number } | { readonly share: number };

type Kind = 'time' | 'bytes' | 'count';

const units: Readonly<Record<Kind, Readonly<Record<string, number>>>> = {
  time: { ms: 1, us: 1e-3, µs: 1e-3, s: 1e3 },
  bytes: { B: 1, kB: 1e3, KB: 1e3, KiB: 2 ** 10, MB: 1e6, MiB: 2 ** 20, GB: 1e9, GiB: 2 ** 30 },
  count: { '': 1, k: 1e3, M: 1e6, G: 1e9 },
};

const examples: Readonly<Record<Kind, string>> = { time: '2ms', bytes: '64MiB', count: '70k' };

/** @throws UsageError for a number without its unit, an unknown unit, or what is not above 0. */
export function parseAsked(option: string, kind: Kind): (text: string) => AskedValue {
  return (text) => {
    const [, digits = '', unit = ''] = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-zA-Zµ%]*)\s*$/.exec(text) ?? [];
    const number = digits === '' ? Number.NaN : Number(digits);
    const factor = units[kind][unit];
    if (unit === '%' && number > 0) return { share: number / 100 };
    if (factor !== undefined && number > 0) return { value: number * factor };
    const known = Object.keys(units[kind]).filter((each) => each !== '' && each !== 'µs' && each !== 'KB');
    throw new UsageError(
      `${option} is "${text}", but must be a number above 0 with its unit, such as ${examples[kind]} (${known.join(', ')}), or a share of the original's, such as 50%.`,
    );
  };
}

/** The budget in absolute numbers. @param original what the original costs @throws UsageError for a share of what is not known */
export function toBudget(asked: AskedBudget, original: Cost): Budget {
  return Object.fromEntries(
    budgetNames.flatMap((name) => {
      const each = asked[name];
      if (each === undefined) return [];
      if ('value' in each) return [[name, each.value]];
      const whole = original[name];
      if (whole === undefined) throw new UsageError(`The original's ${budgets[name].words} is not known, so no share of it can be taken.`);
      return [[name, each.share * whole]];
    }),
  );
}
