import { DataError, UsageError } from '../core/errors.js';
import { createRng } from '../core/rng.js';
import { type Augmentation, drawPlacement, placeImage, toLookupTable } from './augment.js';
import type { ImageFormat, ImageSplit } from './dataset.js';

export interface Batch {
  readonly images: Float32Array; // [n, height, width, channels], normalised
  readonly labels: Int32Array; // [n]
}

/** Everything that the batches of one epoch depend on, besides the data. */
export interface BatchOptions {
  /** Images a batch. */
  readonly batch: number;
  readonly augment: Augmentation;
  readonly seed: number;
  readonly epoch: number;
  readonly shuffle: boolean;
  /** Leave out the last batch when it is not full. */
  readonly dropRemainder: boolean;
  /** First step to make, for a run that goes on in mid-epoch. Default 0. */
  readonly startStep?: number;
}

/**
 * Batches in an epoch of `count` images.
 * @throws UsageError when the batch size is no whole number above 0, or no batch can be filled.
 */
export function countSteps(count: number, options: Pick<BatchOptions, 'batch' | 'dropRemainder'>): number {
  const { batch, dropRemainder } = options;
  if (!Number.isInteger(batch) || batch < 1) throw new UsageError(`The batch size is ${batch}, but must be a whole number above 0.`);
  const steps = dropRemainder ? Math.floor(count / batch) : Math.ceil(count / batch);
  if (steps === 0)
    throw new UsageError(`A batch of ${batch} cannot be filled from ${count} images: choose a smaller batch or more images.`);
  return steps;
}

/** The order in which an epoch visits the images. Depends on seed and epoch alone. */
export function orderOfEpoch(count: number, options: Pick<BatchOptions, 'seed' | 'epoch' | 'shuffle'>): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  return options.shuffle ? Uint32Array.from(createRng(options.seed).fork('order', options.epoch).shuffled(order)) : order;
}

/**
 * One batch. It depends on the data, `seed`, `epoch` and `step` alone, so a resumed run sees the same bits.
 * @param order from `orderOfEpoch`.
 */
export function makeBatch(split: ImageSplit, format: ImageFormat, order: Uint32Array, step: number, options: BatchOptions): Batch {
  const chosen = order.subarray(step * options.batch, (step + 1) * options.batch);
  const size = format.height * format.width * format.channels;
  if (split.images.length !== split.count * size) {
    throw new DataError(
      `The images hold ${split.images.length} bytes, but ${split.count} images of ${format.height}x${format.width}x${format.channels} need ${split.count * size}.`,
    );
  }
  const images = new Float32Array(chosen.length * size);
  const labels = new Int32Array(chosen.length);
  const table = toLookupTable(format);
  const rng = createRng(options.seed).fork('augment', options.epoch, step);
  chosen.forEach((index, place) => {
    placeImage(split.images, index, images, place, format, table, drawPlacement(options.augment, rng));
    labels[place] = split.labels[index] as number;
  });
  return { images, labels };
}
