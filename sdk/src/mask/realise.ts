import type { Rng } from '../core/rng.js';
import type { LayerDensities, PrunableLayer } from '../density/layer-densities.js';
import { type Masks, toLayerDensities } from './masks.js';

/**
 * How layer densities become zeros: as the masks are, shuffled within each layer, or as whole kernels or input channels. What counts, says
 * the method, is the densities; this is how to find out.
 */
export const granularities = ['unstructured', 'shuffled', 'kernel', 'channel'] as const;
export type Granularity = (typeof granularities)[number];

/** Masks with the layer densities of `masks`, as nearly as the granularity allows. */
export function realiseMasks(masks: Masks, granularity: Granularity, layers: readonly PrunableLayer[], rng: Rng): Masks {
  switch (granularity) {
    case 'unstructured':
      return masks;
    case 'shuffled':
      return shuffleMasks(masks, rng);
    case 'kernel':
      return drawKernelMasks(layers, toLayerDensities(masks), rng);
    case 'channel':
      return drawChannelMasks(layers, toLayerDensities(masks), rng);
  }
}

/** Keeps round(density · n) weights of each layer, chosen at random; one at least unless the density is 0. */
export function drawMasks(layers: readonly PrunableLayer[], densities: LayerDensities, rng: Rng): Masks {
  return drawBlocks(layers, densities, rng, ({ prunable }) => ({ count: prunable, blockOf: (index) => index }));
}

/** The same number of weights in each layer, at random places. Frankle et al. 2021, arXiv 2009.08576, §5. */
export function shuffleMasks(masks: Masks, rng: Rng): Masks {
  return new Map([...masks].map(([id, mask]) => [id, Uint8Array.from(rng.fork('shuffle', id).shuffled(mask))]));
}

/** Keeps whole kernels [kh, kw] of pairs of an input and an output channel, chosen at random. */
export function drawKernelMasks(layers: readonly PrunableLayer[], densities: LayerDensities, rng: Rng): Masks {
  return drawBlocks(layers, densities, rng, (layer) => {
    const { inputs, outputs } = channelsOf(layer);
    return { count: inputs * outputs, blockOf: (index) => index % (inputs * outputs) };
  });
}

/** Keeps all weights of whole input channels, chosen at random; in a depthwise layer, whose only input is one channel, of whole filters. */
export function drawChannelMasks(layers: readonly PrunableLayer[], densities: LayerDensities, rng: Rng): Masks {
  return drawBlocks(layers, densities, rng, (layer) => {
    const { inputs, outputs } = channelsOf(layer);
    if (inputs === 1) return { count: outputs, blockOf: (index) => index % outputs };
    return { count: inputs, blockOf: (index) => Math.floor(index / outputs) % inputs };
  });
}

function channelsOf({ kernelShape }: PrunableLayer): { readonly inputs: number; readonly outputs: number } {
  const [inputs = 1, outputs = 1] = kernelShape.slice(-2);
  return { inputs, outputs };
}

/** Weights that stay or go as one. */
interface Blocks {
  readonly count: number;
  /** The block of a weight, by its place in the kernel. */
  readonly blockOf: (index: number) => number;
}

/** Keeps the nearest number of whole blocks, at random. */
function drawBlocks(
  layers: readonly PrunableLayer[],
  densities: LayerDensities,
  rng: Rng,
  blocksOf: (layer: PrunableLayer) => Blocks,
): Masks {
  return new Map(
    layers.map((layer) => {
      const density = densities.get(layer.id) ?? 1;
      const { count, blockOf } = blocksOf(layer);
      const order = rng.fork('draw', layer.id).shuffled(new Uint32Array(count).map((_, block) => block));
      const kept = new Uint8Array(count);
      for (const block of order.slice(0, density > 0 ? Math.max(1, Math.round(density * count)) : 0)) kept[block] = 1;
      return [layer.id, new Uint8Array(layer.prunable).map((_, index) => kept[blockOf(index)] as number)];
    }),
  );
}
