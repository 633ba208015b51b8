import { sizeOf } from '../ir/node.js';
import { fitToBudget } from './budget.js';
import type { DensityMethod } from './density-method.js';

/**
 * Erdős–Rényi kernel: p = min(1, eps · (kh + kw + in + out) / (kh · kw · in · out)). Evci et al., "Rigging the Lottery",
 * arXiv 1911.11134, §3(1). Layers that would pass 1 are dense and eps is solved anew for the rest: the same as bisection on
 * the clamped densities.
 */
export const erk: DensityMethod = createErdosRenyi('erk', (shape) => shape);

/** Erdős–Rényi on channels alone: p = min(1, eps · (in + out) / (in · out)). Mocanu et al., arXiv 1707.04780, eq. 3. */
export const er: DensityMethod = createErdosRenyi('er', (shape) => shape.slice(-2));

function createErdosRenyi(name: string, extentsOf: (kernelShape: readonly number[]) => readonly number[]): DensityMethod {
  return {
    name,
    expands: false,
    findDensities(layers, budget) {
      const raw = layers.map(({ id, kernelShape }) => {
        const extents = extentsOf(kernelShape);
        return [id, extents.reduce((sum, extent) => sum + extent, 0) / sizeOf(extents)] as const;
      });
      return fitToBudget(layers, budget, (eps) => new Map(raw.map(([id, density]) => [id, Math.min(1, eps * density)])));
    },
  };
}
