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
  return drawBlocks(layers, densities, rng, (_, index) => index);
}

/** The same number of weights in each layer, at random places. Frankle et al. 2021, arXiv 2009.08576, §5. */
export function shuffleMasks(masks: Masks, rng: Rng): Masks {
  return new Map([...masks].map(([id, mask]) => [id, Uint8Array.from(rng.fork('shuffle', id).shuffled(mask))]));
}

/** Keeps whole kernels [kh, kw] of pairs of an input and an output channel, chosen at random. */
export function drawKernelMasks(layers: readonly PrunableLayer[], densities: LayerDensities, rng: Rng): Masks {
  return drawBlocks(layers, densities, rng, ({ kernelShape }, index) => index % ((kernelShape.at(-1) ?? 1) * (kernelShape.at(-2) ?? 1)));
}

/** Keeps all weights of whole input channels, chosen at random; in a depthwise layer, whose only input is one channel, of whole filters. */
export function drawChannelMasks(layers: readonly PrunableLayer[], densities: LayerDensities, rng: Rng): Masks {
  return drawBlocks(layers, densities, rng, ({ kernelShape }, index) => {
    const [inputs = 1, outputs = 1] = kernelShape.slice(-2);
    return inputs === 1 ? index % outputs : Math.floor(index / outputs) % inputs;
  });
}

/** Keeps the nearest number of whole blocks, at random; `blockOf` tells which block a weight is in, by its place in the kernel. */
function drawBlocks(
  layers: readonly PrunableLayer[],
  densities: LayerDensities,
  rng: Rng,
  blockOf: (layer: PrunableLayer, index: number) => number,
): Masks {
  return new Map(
    layers.map((layer) => {
      const density = densities.get(layer.id) ?? 1;
      const blocks = Uint32Array.from({ length: layer.prunable }, (_, index) => blockOf(layer, index));
      const count = blocks.reduce((most, block) => Math.max(most, block), 0) + 1;
      const order = rng.fork('draw', layer.id).shuffled(Array.from({ length: count }, (_, block) => block));
      const kept = new Set(order.slice(0, density > 0 ? Math.max(1, Math.round(density * count)) : 0));
      return [layer.id, Uint8Array.from(blocks, (block) => (kept.has(block) ? 1 : 0))];
    }),
  );
}
