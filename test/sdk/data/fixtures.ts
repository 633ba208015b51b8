import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng } from '@precrop/sdk/core/rng';
import { createSplit, type ImageFormat, type ImageSplit } from '@precrop/sdk/data/dataset';
import type { Batch, BatchOptions } from '@precrop/sdk/data/make-batch';
import * as assert from 'uvu/assert';

export const format: ImageFormat = { height: 9, width: 7, channels: 3, mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] };
export const imageBytes: number = format.height * format.width * format.channels;

export const options: BatchOptions = {
  batch: 8,
  augment: 'pad-crop-flip',
  seed: 3,
  epoch: 2,
  shuffle: true,
  dropRemainder: false,
};

/** Random images. The label of image i is i % 10; its first two pixels spell i. */
export function createRandomSplit(count: number, seed = 1): ImageSplit {
  const rng = createRng(seed);
  const split = createSplit(count, imageBytes);
  for (let byte = 0; byte < split.images.length; byte++) split.images[byte] = rng.integer(0, 255);
  for (let image = 0; image < count; image++) {
    split.labels[image] = image % 10;
    split.images[image * imageBytes] = image & 255;
    split.images[image * imageBytes + 3] = image >> 8;
  }
  return split;
}

export async function collect(source: AsyncIterable<Batch>): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of source) batches.push(batch);
  return batches;
}

/** Runs with a folder that is removed afterwards. */
export function withFolder(run: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'precrop-data-'));
    try {
      await run(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** The error that work ends with; fails when it ends well. */
export async function catchError(work: () => unknown): Promise<Error> {
  try {
    await work();
  } catch (error) {
    assert.instance(error, Error);
    return error as Error;
  }
  throw new assert.Assertion({
    message: 'Expected an error',
    generated: false,
    operator: 'throws',
    details: '',
    expects: 'error',
    actual: 'none',
  });
}
