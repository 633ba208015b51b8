import { fitToBudget } from './budget.js';
import type { DensityMethod } from './density-method.js';

/**
 * Ideal gas quota: p = 1 / (1 + F · alpha), F by bisection. Vysogorets & Kempe, "Connectivity Matters: Neural Network Pruning
 * Through the Lens of Effective Sparsity", arXiv 2107.02306, §4. A smooth form of SynExp's rule for params.
 */
export const igq: DensityMethod = {
  name: 'igq',
  expands: false,
  findDensities: (layers, budget) =>
    // The free parameter is 1 / F, scaled by the mean layer: it grows with the densities.
    fitToBudget(layers, budget, (inverse) => {
      const mean = layers.reduce((sum, { prunable }) => sum + prunable, 0) / layers.length;
      return new Map(layers.map(({ id, prunable }) => [id, 1 / (1 + prunable / mean / inverse)]));
    }),
};
