import type { Rng } from '../core/rng.js';
import type { ImageDataset } from '../data/dataset.js';
import { type Batch, makeBatch } from '../data/make-batch.js';
import { takeSubset } from '../data/take-subset.js';

/** As many images a class, without augmentation, as Wang et al. 2020 (GraSP), arXiv 2002.07376, §5 take. */
const imagesPerClass = 10;

/** A balanced, seeded batch of training images to score a network with: ten a class. */
export function sampleBatch(dataset: ImageDataset, rng: Rng): Batch {
  const count = Math.min(dataset.train.count, imagesPerClass * dataset.classNames.length);
  const split = takeSubset(dataset.train, count, rng);
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  return makeBatch(split, dataset, order, 0, {
    batch: count,
    augment: 'none',
    seed: 0,
    epoch: 0,
    shuffle: false,
    dropRemainder: false,
  });
}
