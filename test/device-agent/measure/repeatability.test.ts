import { describeRepeat, relativeErrorOf, toErrorBar } from '@precrop/device-agent/measure/repeatability';
import { judge } from '@precrop/device-agent/measure/validity';
import { createRng, type Rng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

const distributions: Readonly<Record<string, (rng: Rng) => number>> = {
  normal: (rng) => 100 + 2 * rng.normal(),
  'long-tailed': (rng) => 100 * Math.exp(0.1 * rng.normal()),
  'one-sided': (rng) => 100 - 5 * (Math.log(1 - rng.uniform()) + Math.LN2),
};

for (const [name, draw] of Object.entries(distributions)) {
  test(`the bar holds the true median as often as it says: ${name}`, () => {
    for (const count of [6, 9, 12, 25, 60]) {
      const rng = createRng(count);
      const trials = 2000;
      let [held, repeats] = [0, 0];
      for (let trial = 0; trial < trials; trial++) {
        const bar = toErrorBar(Array.from({ length: count }, () => [draw(rng)]));
        if (bar.low <= 100 && 100 <= bar.high) held++;
        if (bar.repeats) repeats++;
      }
      assert.ok(held / trials > 0.935, `${count} blocks: ${held / trials}`);
      assert.ok(repeats / trials > 0.97, `${count} blocks: honest ones repeat in ${repeats / trials}`);
    }
  });
}

test('the bar narrows with the number of blocks, and one disturbed block does not widen it', () => {
  const rng = createRng(3);
  const blocks = Array.from({ length: 64 }, () => [100 + rng.normal()]);
  const errors = [8, 16, 32, 64].map((count) => relativeErrorOf(toErrorBar(blocks.slice(0, count))));
  assert.ok(
    errors.every((error, index) => index === 0 || error < (errors[index - 1] as number)),
    errors.join(),
  );

  const disturbed = blocks.with(20, [300]);
  assert.ok(relativeErrorOf(toErrorBar(disturbed)) < 1.1 * relativeErrorOf(toErrorBar(blocks)));
});

test('its median is that of the blocks, whose medians are theirs', () => {
  const { median, low, high, blocks } = toErrorBar([[1, 2, 50], [3], [], [5, 5], [4, 4, 4, 90]]);
  assert.is(median, 3.5);
  assert.is(blocks, 4);
  assert.ok(low < median && median < high);
});

test('a level that shifts between the halves does not repeat', () => {
  const rng = createRng(5);
  const at = (level: number): number[] => [level * (1 + 0.002 * rng.normal())];
  const shifted = toErrorBar(Array.from({ length: 20 }, (_, index) => at(index < 10 ? 100 : 106)));
  assert.is(shifted.repeats, false);
  assert.match(describeRepeat(shifted) ?? '', 'does not repeat the first');
  const steady = toErrorBar(Array.from({ length: 20 }, () => at(100)));
  assert.is(steady.repeats, true);
  assert.is(describeRepeat(steady), undefined);
});

test('a shift below what matters is none, however narrow the halves are', () => {
  const step = (by: number) => toErrorBar(Array.from({ length: 12 }, (_, index) => [index < 6 ? 100 : 100 + by]));
  assert.is(step(0.9).repeats, true);
  assert.is(step(1.5).repeats, false);
});

test('too few blocks cannot be seen to repeat', () => {
  const few = toErrorBar(Array.from({ length: 5 }, (_, index) => [100 + index * 0.1]));
  assert.is(few.repeats, false);
  assert.match(describeRepeat(few) ?? '', 'Only 5 blocks were timed');
  const one = toErrorBar([[100]]);
  assert.equal([one.low, one.high], [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  near(one.median, 100, 0);
});

test('a number that does not repeat is noisy, and one that is hardly known too', () => {
  const samples = Array(20).fill(100);
  const verdictOf = (bar: { readonly reach: number; readonly repeats: boolean }): string => {
    const errorBar = { median: 100, low: 100 - bar.reach, high: 100 + bar.reach, blocks: 20, repeats: bar.repeats };
    const { verdict, reasons } = judge(samples, { errorBar });
    return `${verdict}: ${reasons.join(' ')}`;
  };
  assert.is(verdictOf({ reach: 1, repeats: true }), 'valid: ');
  assert.match(verdictOf({ reach: 1, repeats: false }), /^noisy: The second half/);
  assert.match(verdictOf({ reach: 8, repeats: true }), /^noisy: The median is known to ± 8\.0 % only/);
  assert.match(verdictOf({ reach: 30, repeats: true }), /^invalid: /);
});

test.run();
