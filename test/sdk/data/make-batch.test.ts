import { DataError, UsageError } from '@precrop/sdk/core/errors';
import { toLookupTable } from '@precrop/sdk/data/augment';
import { type Batch, type BatchOptions, countSteps, makeBatch, orderOfEpoch } from '@precrop/sdk/data/make-batch';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { catchError, createRandomSplit, format, imageBytes, options } from './fixtures.js';

const split = createRandomSplit(300);

function makeEpoch(changes: Partial<BatchOptions> = {}): Batch[] {
  const wanted = { ...options, ...changes };
  const order = orderOfEpoch(split.count, wanted);
  return Array.from({ length: countSteps(split.count, wanted) }, (_, step) => makeBatch(split, format, order, step, wanted));
}

/** Numbers of the images in batches without augmentation, from the two pixels that spell them. */
function toNumbers(batches: readonly Batch[]): number[] {
  const table = toLookupTable(format).subarray(0, 256);
  return batches.flatMap(({ images, labels }) =>
    Array.from(labels, (_, place) => {
      const start = place * imageBytes;
      return table.indexOf(images[start] as number) + 256 * table.indexOf(images[start + 3] as number);
    }),
  );
}

test('every image of an epoch appears exactly once, with its label', () => {
  const batches = makeEpoch({ augment: 'none' });
  const numbers = toNumbers(batches);
  assert.equal(
    [...numbers].sort((a, b) => a - b),
    Array.from({ length: 300 }, (_, index) => index),
  );
  assert.equal(
    batches.flatMap(({ labels }) => [...labels]),
    numbers.map((number) => number % 10),
  );
});

test('equal seed, epoch and step give equal bits; another seed or epoch gives another order and augmentation', () => {
  assert.equal(makeEpoch(), makeEpoch());
  for (const change of [{ seed: 4 }, { epoch: 3 }]) {
    assert.not.equal(orderOfEpoch(300, { ...options, ...change }), orderOfEpoch(300, options));
    assert.not.equal(makeEpoch({ ...change, shuffle: false })[0], makeEpoch({ shuffle: false })[0]);
  }
});

test('without shuffling the images come in their order', () => {
  assert.equal(
    toNumbers(makeEpoch({ augment: 'none', shuffle: false })),
    Array.from({ length: 300 }, (_, index) => index),
  );
});

test('the last batch holds the remainder, or is dropped', () => {
  assert.equal(
    makeEpoch({ batch: 128 }).map(({ labels }) => labels.length),
    [128, 128, 44],
  );
  assert.equal(
    makeEpoch({ batch: 128, dropRemainder: true }).map(({ labels }) => labels.length),
    [128, 128],
  );
  assert.is(makeEpoch({ batch: 128 })[2]?.images.length, 44 * imageBytes);
});

test('a batch size that is impossible is a usage error that names it', async () => {
  for (const batch of [0, -1, 1.5, Number.NaN]) {
    const error = await catchError(() => countSteps(10, { batch, dropRemainder: false }));
    assert.instance(error, UsageError);
    assert.match(error.message, String(batch));
  }
  assert.throws(() => countSteps(10, { batch: 11, dropRemainder: true }), /A batch of 11 cannot be filled from 10 images/);
  assert.is(countSteps(10, { batch: 11, dropRemainder: false }), 1);
});

test('images of another size than the format says are a data error', async () => {
  const error = await catchError(() => makeBatch(split, { ...format, width: 8 }, orderOfEpoch(300, options), 0, options));
  assert.instance(error, DataError);
});

test.run();
