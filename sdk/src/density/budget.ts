import { UsageError } from '../core/errors.js';
import { formatSignificant } from '../core/units.js';
import { bisectLog } from './bisect.js';
import { countKept, type LayerDensities, type PrunableLayer } from './layer-densities.js';

/** What may stay, as fractions of the original. One of the two is enough; with both, both hold. */
export interface FractionBudget {
  readonly params?: number | undefined;
  readonly macs?: number | undefined;
}

/**
 * @param upperBound how dense a layer may become: 1 when layers only shrink.
 * @throws UsageError for no budget at all, a fraction of 0 or below, or one above `upperBound`.
 */
export function validateBudget(budget: FractionBudget, upperBound: number): void {
  if (!(upperBound >= 1 && Number.isFinite(upperBound))) {
    throw new UsageError(
      `The upper bound of a density is ${upperBound}, but must be at least 1: 1 only shrinks layers, 2 lets them double.`,
    );
  }
  if (budget.params === undefined && budget.macs === undefined) {
    throw new UsageError('There is no budget. Give a fraction of the params, of the MACs, or both.');
  }
  for (const [name, fraction] of [
    ['params', budget.params],
    ['MACs', budget.macs],
  ] as const) {
    if (fraction === undefined || (fraction > 0 && fraction <= upperBound)) continue;
    const most = upperBound === 1 ? '1 (all of the original)' : `the upper bound of ${formatSignificant(upperBound)}`;
    throw new UsageError(`The ${name} budget is ${fraction}, but must be above 0 and at most ${most}. Write 25% as 0.25.`);
  }
}

/** The largest share of a budget that is used; the budget holds when it is at most 1. */
export function usedShare(kept: { readonly params: number; readonly macs: number }, budget: FractionBudget): number {
  return Math.max(kept.params / (budget.params ?? Number.POSITIVE_INFINITY), kept.macs / (budget.macs ?? Number.POSITIVE_INFINITY));
}

/**
 * The densest member of a one-parameter family that holds the budget, where `densitiesAt` grows with its parameter.
 * With both budgets the tighter one decides.
 */
export function fitToBudget(
  layers: readonly PrunableLayer[],
  budget: FractionBudget,
  densitiesAt: (parameter: number) => LayerDensities,
): LayerDensities {
  return densitiesAt(bisectLog((parameter) => usedShare(countKept(layers, densitiesAt(parameter)), budget) <= 1));
}
