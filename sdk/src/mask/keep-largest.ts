import { UsageError } from '../core/errors.js';
import type { LayerDensities } from '../density/layer-densities.js';
import type { Masks, Scores } from './masks.js';

/**
 * Keeps the round(density · n) weights with the highest scores of all layers together. Ties at the threshold are settled by position, so that
 * the count is exact and no layer falls because its scores are equal (the trap of `score <= threshold`).
 * @throws UsageError for a density outside (0, 1] or a score that is no number, with the layer.
 */
export function keepLargest(scores: Scores, density: number): Masks {
  checkDensity(density);
  const sizes = [...scores.values()].map(({ length }) => length);
  const all = new Float32Array(sizes.reduce((sum, size) => sum + size, 0));
  let offset = 0;
  for (const [id, layer] of scores) {
    if (layer.some(Number.isNaN)) throw new UsageError(`Layer "${id}" has scores that are no numbers: its weights cannot be ranked.`);
    all.set(layer, offset);
    offset += layer.length;
  }
  const kept = keepLargestOf(all, Math.round(density * all.length));
  offset = 0;
  return new Map(
    [...scores].map(([id, { length }]) => {
      offset += length;
      return [id, kept.slice(offset - length, offset)];
    }),
  );
}

/** Keeps in each layer the round(density · n) weights with the highest scores there. @throws UsageError for a density outside [0, 1]. */
export function keepLargestByLayer(scores: Scores, densities: LayerDensities): Masks {
  return new Map(
    [...scores].map(([id, layer]) => {
      const density = densities.get(id) ?? 1;
      if (!(density >= 0 && density <= 1)) throw new UsageError(`The density of layer "${id}" is ${density}, but must be from 0 to 1.`);
      return [id, keepLargestOf(layer, Math.round(density * layer.length))];
    }),
  );
}

/** A byte a score: 1 for the `count` highest, of equal ones the first. */
function keepLargestOf(scores: Float32Array, count: number): Uint8Array {
  const kept = new Uint8Array(scores.length);
  if (count === 0) return kept;
  const threshold = findLargest(scores, count);
  let left = count;
  for (let i = 0; i < scores.length; i++) {
    if ((scores[i] as number) > threshold) {
      kept[i] = 1;
      left--;
    }
  }
  for (let i = 0; i < scores.length && left > 0; i++) {
    if (scores[i] !== threshold) continue;
    kept[i] = 1;
    left--;
  }
  return kept;
}

/** The `rank`-th largest value, by two rounds of counting: of the upper and of the lower half of its bits. Linear, where sorting is not. */
function findLargest(values: Float32Array, rank: number): number {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  // Bits whose unsigned order is the order of the numbers: negative ones are turned round.
  const orderOf = (value: number): number => (value < 0 ? ~value : value | 0x80000000) >>> 0;
  const find = (rank: number, halfOf: (order: number) => number | undefined): { readonly half: number; readonly left: number } => {
    const counts = new Uint32Array(0x10000);
    for (const value of bits) {
      const half = halfOf(orderOf(value));
      if (half !== undefined) counts[half] = (counts[half] as number) + 1;
    }
    let [half, left] = [0xffff, rank];
    for (; left > (counts[half] as number); half--) left -= counts[half] as number;
    return { half, left };
  };
  const upper = find(rank, (order) => order >>> 16);
  const lower = find(upper.left, (order) => (order >>> 16 === upper.half ? order & 0xffff : undefined));
  const order = ((upper.half << 16) | lower.half) >>> 0;
  const value = order >= 0x80000000 ? order & 0x7fffffff : ~order;
  return new Float32Array(Int32Array.of(value).buffer)[0] as number;
}

/** @throws UsageError for a density outside (0, 1]. */
export function checkDensity(density: number): void {
  if (!(density > 0 && density <= 1))
    throw new UsageError(`The density is ${density}, but must be above 0 and at most 1. Write 10% as 0.1.`);
}
