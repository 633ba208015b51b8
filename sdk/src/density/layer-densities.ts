import type { Architecture } from '../ir/architecture.js';
import { countNodes } from '../ir/count.js';
import { channelsOf, sizeOf } from '../ir/node.js';

/** Id of a prunable node → fraction of its weights that stay: 1 is all, above 1 a layer that grows. */
export type LayerDensities = ReadonlyMap<string, number>;

/** What a density method knows of a layer: sizes alone, neither weights nor data. */
export interface PrunableLayer {
  readonly id: string;
  /** Weights that may be removed (alpha in the equations). */
  readonly prunable: number;
  /** Multiply-accumulates for one image (beta in the equations). */
  readonly macs: number;
  /** [kh, kw, inC / groups, outC], or [in, out]: `prunable` is the product. */
  readonly kernelShape: readonly number[];
}

/** Fractions of the original's prunable weights and MACs. */
export interface KeptFractions {
  readonly params: number;
  readonly macs: number;
}

/** Every layer with prunable weights, in order. */
export function findPrunableLayers(architecture: Architecture): readonly PrunableLayer[] {
  return countNodes(architecture)
    .filter(({ prunable }) => prunable > 0)
    .map(({ node, prunable, macs, outputShape }) => {
      const window = 'kernel' in node ? node.kernel : [];
      const outChannels = channelsOf(outputShape);
      return { id: node.id, prunable, macs, kernelShape: [...window, prunable / (sizeOf(window) * outChannels), outChannels] };
    });
}

/** Fractions of all prunable weights and of all MACs that the densities keep. A layer without a density counts as kept. */
export function countKept(layers: readonly PrunableLayer[], densities: LayerDensities): KeptFractions {
  let [params, macs, allParams, allMacs] = [0, 0, 0, 0];
  for (const layer of layers) {
    const density = densities.get(layer.id) ?? 1;
    params += density * layer.prunable;
    macs += density * layer.macs;
    allParams += layer.prunable;
    allMacs += layer.macs;
  }
  return { params: params / allParams, macs: macs / allMacs };
}

/** SynExp's objective: the sum of the logarithms of all densities, 0 for the original. */
export function sumLogDensity(densities: LayerDensities): number {
  let sum = 0;
  for (const density of densities.values()) sum += Math.log(density);
  return sum;
}
