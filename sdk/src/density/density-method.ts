import type { FractionBudget } from './budget.js';
import type { LayerDensities, PrunableLayer } from './layer-densities.js';

/** Layer densities from layer sizes alone. The budget counts prunable weights and MACs, and is used up unless all layers are dense. */
export interface DensityMethod {
  readonly name: string;
  /** Whether it can let a layer grow: an upper bound above 1. */
  readonly expands: boolean;
  findDensities(layers: readonly PrunableLayer[], budget: FractionBudget, upperBound: number): LayerDensities;
}
