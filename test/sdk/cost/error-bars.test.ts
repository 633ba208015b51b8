import { createRng } from '@precrop/sdk/core/rng';
import { calibrateDeviations, usualReach } from '@precrop/sdk/cost/error-bars';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

test('without observations an interval reaches as far as is usual, with many as far as they ask for', () => {
  near(calibrateDeviations([], 0.6), 0.6 * usualReach, 1e-12);
  const rng = createRng(31);
  const many = Array.from({ length: 20_000 }, () => 2 * rng.normal());
  near(calibrateDeviations(many, 0.6), 2 * usualReach, 0.05);
});

test('few observations widen it where they are worse than usual, and narrow it where they are better, by less than they say', () => {
  const few = (size: number): number => calibrateDeviations(Array<number>(12).fill(size), 1);
  assert.ok(few(2) > usualReach && few(2) < 2 * usualReach);
  assert.ok(few(0.5) < usualReach && few(0.5) > 0.5 * usualReach);
});

test.run();
