import { BudgetError } from '../core/errors.js';
import { type Budget, type BudgetName, budgets, type Cost } from './budget.js';

/** Where no plan was found. */
export interface PlanPlace {
  readonly architecture: string;
  readonly align: number;
  /** "onnxruntime/cpu, 2 threads, batch 1". */
  readonly where: string;
}

/** What stands against a budget, and what comes nearest to it. */
export interface Infeasible {
  readonly broke: readonly BudgetName[];
  /** What the cheapest networks cost. */
  readonly least: Cost;
  readonly nearest: { readonly widths: Readonly<Record<string, number>>; readonly costs: Cost };
}

/** A budget that nothing holds, as a sentence: which part of it, what is possible, and what to do. */
export function createInfeasibleError(
  { architecture, align, where }: PlanPlace,
  budget: Budget,
  { broke, least, nearest }: Infeasible,
): BudgetError {
  const list = (cost: Cost | Budget, words = false): string =>
    broke
      .flatMap((name) =>
        cost[name] === undefined ? [] : [`${words ? `a ${budgets[name].words} of ` : ''}${budgets[name].format(cost[name])}`],
      )
      .join(' and ');
  const isTogether = broke.every((name) => (least[name] ?? Number.NaN) <= (budget[name] ?? 0));
  const why = isTogether
    ? `each is possible alone, but no ${architecture} at multiples of ${align} was found that holds all`
    : `${architecture} at multiples of ${align} takes at least ${list(least)}`;
  return new BudgetError(
    `${capitalize(list(budget, true))} cannot be held on ${where}: ${why}. The nearest plan takes ${list(nearest.costs)}: ${describeWidths(nearest.widths)}. Raise the budget, align to a smaller multiple, or choose a smaller architecture.`,
    { details: { status: 'infeasible', broke, least, budget, nearest } },
  );
}

/** `stage1=8, stage2=16, … and 9 more`. */
export function describeWidths(widths: Readonly<Record<string, number>>): string {
  const all = Object.entries(widths).map(([group, width]) => `${group}=${width}`);
  return all.length <= 5 ? all.join(', ') : `${all.slice(0, 4).join(', ')} and ${all.length - 4} more`;
}

function capitalize(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
