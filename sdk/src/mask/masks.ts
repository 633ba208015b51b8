import type { LayerDensities } from '../density/layer-densities.js';

/** Id of a prunable node → a byte a weight, 1 where it stays; row-major in the kernel's shape. */
export type Masks = ReadonlyMap<string, Uint8Array>;

/** Id of a prunable node → a score a weight, in the kernel's shape. The higher one stays. */
export type Scores = ReadonlyMap<string, Float32Array>;

/** The variable that holds a node's prunable weights. */
export function kernelName(nodeId: string): string {
  return `${nodeId}/kernel`;
}

/** How many weights stay. */
export function countOnes(mask: Uint8Array): number {
  let sum = 0;
  for (const kept of mask) sum += kept;
  return sum;
}

/** Share of each layer's weights that stay. */
export function toLayerDensities(masks: Masks): LayerDensities {
  return new Map([...masks].map(([id, mask]) => [id, countOnes(mask) / mask.length]));
}

/** Share of all weights that stay. */
export function countDensity(masks: Masks): number {
  let [kept, all] = [0, 0];
  for (const mask of masks.values()) {
    kept += countOnes(mask);
    all += mask.length;
  }
  return kept / all;
}

/** The weights with zeros where the masks have them; variables without a mask as they are. */
export function applyMasks(weights: ReadonlyMap<string, Float32Array>, masks: Masks): Map<string, Float32Array> {
  const masked = new Map(weights);
  for (const [id, mask] of masks) {
    const kernel = weights.get(kernelName(id));
    if (kernel)
      masked.set(
        kernelName(id),
        kernel.map((weight, index) => (mask[index] === 1 ? weight : 0)),
      );
  }
  return masked;
}
