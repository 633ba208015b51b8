import type { Normalization } from '../export/model.js';

/** A class and how sure the network is of it. */
export interface RankedClass {
  /** Number of the class, from 0. */
  readonly class: number;
  /** Its name, or `class 3` where there are none. */
  readonly name: string;
  /** In 0…1; those of all classes add up to 1. */
  readonly probability: number;
}

/** All classes of one image, the likeliest first: the softmax of its logits. @param classNames as the model's description has them. */
export function rankClasses(logits: Float32Array, classNames: readonly string[] = []): readonly RankedClass[] {
  const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers
    .map((power, index) => ({ class: index, name: classNames[index] ?? `class ${index}`, probability: power / sum }))
    .sort((a, b) => b.probability - a.probability);
}

/** What the network reads, of pixels [n, h, w, c] in 0…1: (pixel - mean) / std a channel, or the pixels where nothing is to be done. */
export function normalizePixels(pixels: Float32Array, normalization: Normalization | undefined): Float32Array {
  if (!normalization) return pixels;
  const { mean, std } = normalization;
  return pixels.map((pixel, index) => (pixel - (mean[index % mean.length] ?? 0)) / (std[index % std.length] ?? 1));
}
