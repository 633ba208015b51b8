import { normalizePixels, rankClasses } from '@precrop/sdk/runtimes/rank-classes';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

test('probabilities add up to 1, fall from first to last, and hold every class once', () => {
  const ranked = rankClasses(Float32Array.of(0.5, -3, 7, 7.5, 0), []);
  near(
    ranked.reduce((sum, { probability }) => sum + probability, 0),
    1,
    1e-12,
  );
  assert.equal(
    ranked.map((each) => each.class),
    [3, 2, 0, 4, 1],
  );
  assert.ok(ranked.every(({ probability }, place) => place === 0 || probability <= (ranked[place - 1]?.probability ?? 0)));
});

test('two classes at a distance of 1 are the logistic function of it; adding to all logits changes nothing', () => {
  for (const shift of [0, -1000, 1000]) {
    near(rankClasses(Float32Array.of(shift + 1, shift))[0]?.probability ?? 0, 1 / (1 + Math.exp(-1)), 1e-6);
  }
});

test('a class without a name has a number', () => {
  assert.equal(
    rankClasses(Float32Array.of(2, 1, 0), ['cat']).map(({ name }) => name),
    ['cat', 'class 1', 'class 2'],
  );
});

test('pixels are normalised channel by channel, or left alone', () => {
  const pixels = Float32Array.of(0.5, 0.5, 1, 0);
  assert.is(normalizePixels(pixels, undefined), pixels);
  assert.equal([...normalizePixels(pixels, { mean: [0.5, 0.25], std: [0.5, 0.25] })], [0, 1, 1, -1]);
});

test.run();
