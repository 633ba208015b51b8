import { UsageError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import type { ImageSplit } from '@precrop/sdk/data/dataset';
import { takeSubset } from '@precrop/sdk/data/take-subset';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { catchError, createRandomSplit, imageBytes } from './fixtures.js';

const split = createRandomSplit(300);

function countClasses({ labels }: ImageSplit): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

function toNumbers(subset: ImageSplit): number[] {
  return Array.from(
    { length: subset.count },
    (_, image) => (subset.images[image * imageBytes] as number) + 256 * (subset.images[image * imageBytes + 3] as number),
  );
}

test('a subset holds different images, whole and with their labels, on shared memory', () => {
  const subset = takeSubset(split, 57, createRng(1));
  const numbers = toNumbers(subset);
  assert.is(new Set(numbers).size, 57);
  numbers.forEach((number, place) => {
    assert.is(subset.labels[place], number % 10);
    assert.equal(
      subset.images.slice(place * imageBytes, (place + 1) * imageBytes),
      split.images.slice(number * imageBytes, (number + 1) * imageBytes),
    );
  });
  assert.instance(subset.images.buffer, SharedArrayBuffer);
});

test('classes differ by at most one image', () => {
  for (const count of [1, 9, 10, 57, 100, 299, 300]) {
    const counts = countClasses(takeSubset(split, count, createRng(2)));
    assert.is(
      counts.reduce((sum, one) => sum + one),
      count,
    );
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${count}: ${counts}`);
  }
});

test('a class that has too few images gives all, the others fill up', () => {
  const skewed = createRandomSplit(40);
  skewed.labels.fill(1).set([0, 0, 0]);
  assert.equal(countClasses(takeSubset(skewed, 20, createRng(1))).slice(0, 2), [3, 17]);
});

test('the seed decides', () => {
  const take = (seed: number): number[] => toNumbers(takeSubset(split, 40, createRng(seed)));
  assert.equal(take(7), take(7));
  assert.not.equal(take(7), take(8));
});

test('a size that the split cannot give is a usage error', async () => {
  for (const count of [0, -5, 301, 2.5, Number.NaN]) {
    const error = await catchError(() => takeSubset(split, count, createRng(1)));
    assert.instance(error, UsageError);
    assert.match(error.message, `${count} images`);
  }
});

test.run();
