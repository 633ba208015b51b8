import type { FractionBudget } from '../density/budget.js';
import type { Architecture } from '../ir/architecture.js';
import { type Crop, cropArchitecture } from './apply.js';

export interface PreconfigOptions {
  /** Fractions of the original; default its own params and MACs. */
  readonly budget?: FractionBudget | undefined;
  /** The largest density; default 4: a group may double its width. */
  readonly upperBound?: number | undefined;
  readonly align?: number | undefined;
}

/**
 * PreConfig: spends a budget anew, so that some layers shrink and others grow past the original. SynExp with an upper bound above 1:
 * Cai et al., arXiv 2203.02549.
 * @throws UsageError and BudgetError as `cropArchitecture` does.
 */
export function preconfigArchitecture(architecture: Architecture, options: PreconfigOptions = {}): Crop {
  const { budget = { params: 1, macs: 1 }, upperBound = 4, align } = options;
  return cropArchitecture(architecture, { density: 'synexp', budget, upperBound, align });
}
