import { UsageError } from '../core/errors.js';
import type { Rng } from '../core/rng.js';
import { createSplit, type ImageSplit } from './dataset.js';

/**
 * A seeded sample without repetition, as balanced over the classes as the split allows: class sizes differ by at most
 * one, unless a class has no more images to give. The images keep their order.
 * @throws UsageError when `count` is no whole number between 1 and the split's size.
 */
export function takeSubset(split: ImageSplit, count: number, rng: Rng): ImageSplit {
  if (!Number.isInteger(count) || count < 1 || count > split.count) {
    throw new UsageError(
      `A subset of ${count} images was asked for, but the data set has ${split.count}: choose a whole number from 1 to ${split.count}.`,
    );
  }
  const bytesPerImage = split.images.length / split.count;
  const subset = createSplit(count, bytesPerImage);
  chooseBalanced(split.labels, count, rng).forEach((from, to) => {
    subset.images.set(split.images.subarray(from * bytesPerImage, (from + 1) * bytesPerImage), to * bytesPerImage);
    subset.labels[to] = split.labels[from] as number;
  });
  return subset;
}

/** Deals from the shuffled classes in turn, like cards, until `count` images are out. */
function chooseBalanced(labels: Uint8Array, count: number, rng: Rng): number[] {
  const byClass = new Map<number, number[]>();
  labels.forEach((label, index) => {
    const members = byClass.get(label);
    if (members) members.push(index);
    else byClass.set(label, [index]);
  });
  const classes = [...byClass.keys()].sort((a, b) => a - b);
  const decks = rng.shuffled(classes).map((label) => rng.fork('subset', label).shuffled(byClass.get(label) ?? []));
  const chosen: number[] = [];
  for (let round = 0; chosen.length < count; round++) {
    for (const deck of decks) {
      const index = deck[round];
      if (index !== undefined && chosen.length < count) chosen.push(index);
    }
  }
  return chosen.sort((a, b) => a - b);
}
