import { median, medianAbsoluteDeviation, quantile, summarize } from '@precrop/device-agent/measure/statistics';
import { createRng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

const rng = createRng(5);
const draw = (length: number): number[] => Array.from({ length }, () => rng.uniform() * 10);

test('a quantile never falls as its fraction grows, and lies between the least and the greatest sample', () => {
  for (let length = 1; length <= 30; length++) {
    const samples = draw(length);
    const quantiles = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1].map((fraction) => quantile(samples, fraction));
    assert.ok(quantiles.every((value, index) => index === 0 || value >= (quantiles[index - 1] as number)));
    assert.is(quantiles[0], Math.min(...samples));
    assert.is(quantiles.at(-1), Math.max(...samples));
  }
});

test('order says nothing; scale and shift carry over', () => {
  const samples = draw(17);
  assert.equal(summarize(samples), summarize([...samples].reverse()));
  const moved = summarize(samples.map((sample) => 3 * sample + 100));
  const { median: middle, p5, p95, mad } = summarize(samples);
  near(moved.median, 3 * middle + 100, 1e-9);
  near(moved.p5, 3 * p5 + 100, 1e-9);
  near(moved.p95, 3 * p95 + 100, 1e-9);
  near(moved.mad, 3 * mad, 1e-9);
});

test('samples are left as they were', () => {
  const samples = [3, 1, 2];
  median(samples);
  assert.equal(samples, [3, 1, 2]);
});

// By hand: five samples stand at 0, 25, 50, 75 and 100 %.
test('values worked out by hand', () => {
  const samples = [12, 7, 3, 9.5, 21];
  near(quantile(samples, 0.05), 3.8, 1e-12);
  near(quantile(samples, 0.25), 7, 1e-12);
  near(quantile(samples, 0.5), 9.5, 1e-12);
  near(quantile(samples, 0.95), 19.2, 1e-12);
  near(quantile([4, 1], 0.5), 2.5, 1e-12);
  assert.is(medianAbsoluteDeviation(samples), 2.5);
});

test('one outlier moves neither median nor deviation far', () => {
  const samples = [10, 10.1, 9.9, 10.05, 9.95, 1000];
  near(median(samples), 10.025, 1e-9);
  assert.ok(medianAbsoluteDeviation(samples) < 0.1);
});

test('no samples, no statistic', () => {
  assert.throws(() => quantile([], 0.5), /no samples/);
});

test.run();
