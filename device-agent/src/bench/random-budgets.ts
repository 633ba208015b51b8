import type { Rng } from '@precrop/sdk/core/rng';
import type { Budget, BudgetName } from '@precrop/sdk/plan/budget';

/** What is asked of an architecture, as shares that do not hang on the device. */
export interface DrawnBudget {
  readonly architecture: string;
  /** Between the least and the original's: 0 and 1. Below 0: of the least, what is missing. */
  readonly shares: Readonly<Record<Drawn, number>>;
  /** Those that nothing can hold. */
  readonly broken: readonly Drawn[];
}

export type Drawn = Extract<BudgetName, 'latencyMs' | 'memoryBytes'>;

/** A budget so close to the least that only errors of measuring would decide is no question. */
const leastShare = 0.1;
const breaks: readonly (readonly Drawn[])[] = [['latencyMs'], ['memoryBytes'], ['latencyMs', 'memoryBytes']];

/** Budgets of both at random, of each architecture in turn; impossible ones break one or the other or both. */
export function drawBudgets(
  architectures: readonly string[],
  counts: { readonly feasible: number; readonly impossible: number },
  rng: Rng,
): readonly DrawnBudget[] {
  const between = (): number => leastShare + (1 - leastShare) * rng.uniform();
  const below = (): number => -(0.1 + 0.5 * rng.uniform());
  const draw = (index: number, broken: readonly Drawn[]): DrawnBudget => ({
    architecture: architectures[index % architectures.length] as string,
    shares: {
      latencyMs: broken.includes('latencyMs') ? below() : between(),
      memoryBytes: broken.includes('memoryBytes') ? below() : between(),
    },
    broken,
  });
  return [
    ...Array.from({ length: counts.feasible }, (_, index) => draw(index, [])),
    ...Array.from({ length: counts.impossible }, (_, index) => draw(index, breaks[index % breaks.length] ?? [])),
  ];
}

/** In absolute numbers. @param least of the narrowest network @param original of the original, both as measured */
export function toAbsolute(
  { shares }: DrawnBudget,
  least: Readonly<Record<Drawn, number>>,
  original: Readonly<Record<Drawn, number>>,
): Budget {
  const at = (name: Drawn): number =>
    shares[name] < 0 ? least[name] * (1 + shares[name]) : least[name] + shares[name] * (original[name] - least[name]);
  return { latencyMs: at('latencyMs'), memoryBytes: at('memoryBytes') };
}
