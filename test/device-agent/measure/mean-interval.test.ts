import { readFileSync } from 'node:fs';
import {
  excludesZero,
  type MeanInterval,
  resolutionOf,
  toBlockedInterval,
  toMeanInterval,
} from '@precrop/device-agent/measure/mean-interval';
import { createRng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import { equal, is, ok, throws } from 'uvu/assert';
import { near } from '../../support/near.js';

interface Golden {
  readonly means: readonly (MeanInterval & { readonly blocks: readonly (readonly number[])[] })[];
}

test('three values by hand: mean 2, deviation 1, 4.303 standard errors of 1/√3', () => {
  const interval = toMeanInterval([1, 2, 3]);
  is(interval.mean, 2);
  is(interval.deviation, 1);
  is(interval.degreesOfFreedom, 2);
  near(interval.high ?? 0, 2 + 4.302653 / Math.sqrt(3), 1e-6);
  near(resolutionOf(interval) ?? 0, 4.302653 / Math.sqrt(3), 1e-6);
});

test('a linear model, solved independently, says the same', () => {
  const path = new URL('../../../golden/statistics/statistics.json', import.meta.url);
  const { means } = JSON.parse(readFileSync(path, 'utf8')) as Golden;
  is(means.length, 4);
  for (const { blocks, ...expected } of means) {
    const got = toBlockedInterval(blocks);
    for (const key of ['mean', 'deviation', 'degreesOfFreedom', 'low', 'high'] as const) near(got[key] ?? 0, expected[key] ?? 1, 1e-6);
  }
});

test('a level of its own for each block moves the mean and widens nothing', () => {
  const blocks = [
    [0.1, 0.3, 0.2],
    [0.5, 0.45, 0.6],
  ];
  const lifted = toBlockedInterval(blocks.map((block, index) => block.map((value) => value + 10 * index)));
  near(resolutionOf(lifted) ?? 0, resolutionOf(toBlockedInterval(blocks)) ?? 1, 1e-12);
  near(lifted.mean, toBlockedInterval(blocks).mean + 5, 1e-12);
});

test('19 of 20 intervals hold the true mean', () => {
  const rng = createRng(7);
  let held = 0;
  const rounds = 2000;
  for (let round = 0; round < rounds; round++) {
    const { low, high } = toBlockedInterval([0.2, -0.1].map((level) => Array.from({ length: 3 }, () => level + rng.normal())));
    if (low !== null && high !== null && low <= 0.05 && high >= 0.05) held++;
  }
  near(held / rounds, 0.95, 0.015);
});

test('one value has a mean and no interval, which excludes nothing; in blocks of one too', () => {
  for (const interval of [toMeanInterval([0.4]), toBlockedInterval([[0.3], [0.5]])]) {
    near(interval.mean, 0.4, 1e-12);
    equal([interval.low, interval.high, interval.deviation, interval.degreesOfFreedom], [null, null, null, 0]);
    is(excludesZero(interval), false);
    is(resolutionOf(interval), null);
  }
});

test('zero is excluded by intervals of either side alone', () => {
  ok(excludesZero(toMeanInterval([1, 1.1, 0.9])));
  ok(excludesZero(toMeanInterval([-1, -1.1, -0.9])));
  ok(!excludesZero(toMeanInterval([1, -1.1, 0.2])));
});

test('no values, or an empty block, have no mean', () => {
  throws(() => toMeanInterval([]), RangeError);
  throws(() => toBlockedInterval([]), RangeError);
  throws(() => toBlockedInterval([[1], []]), RangeError);
});

test.run();
