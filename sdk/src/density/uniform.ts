import { fitToBudget } from './budget.js';
import type { DensityMethod } from './density-method.js';

/** One density for all layers, the first and the last included: the baseline of Frankle et al., arXiv 2009.08576. */
export const uniform: DensityMethod = {
  name: 'uniform',
  expands: false,
  findDensities: (layers, budget) => fitToBudget(layers, budget, (density) => new Map(layers.map(({ id }) => [id, Math.min(1, density)]))),
};
