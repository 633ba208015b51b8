import { UsageError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import { keepLargest, keepLargestByLayer } from '@precrop/sdk/mask/keep-largest';
import { countOnes, type Masks, type Scores } from '@precrop/sdk/mask/masks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const rng = createRng(5);

function draw(size: number, value: () => number): Float32Array {
  return Float32Array.from({ length: size }, value);
}

/** Two layers whose scores are of very different size, as saliencies are. */
const kinds: Readonly<Record<string, Scores>> = {
  normal: new Map([
    ['a', draw(137, () => rng.normal())],
    ['b', draw(901, () => 1e-20 * rng.normal())],
  ]),
  negative: new Map([
    ['a', draw(50, () => -rng.uniform())],
    ['b', draw(70, () => -1e30 * rng.uniform())],
  ]),
  'with many ties': new Map([
    ['a', draw(64, () => rng.integer(0, 3))],
    ['b', draw(65, () => rng.integer(-2, 1))],
  ]),
  'all equal': new Map([
    ['a', new Float32Array(33).fill(0.25)],
    ['b', new Float32Array(34).fill(0.25)],
  ]),
  'all zero, of both signs': new Map([
    ['a', new Float32Array(33)],
    ['b', new Float32Array(34).fill(-0)],
  ]),
  'partly infinite': new Map([
    ['a', draw(40, () => (rng.uniform() < 0.5 ? Number.NEGATIVE_INFINITY : rng.normal()))],
    ['b', draw(40, () => (rng.uniform() < 0.1 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY))],
  ]),
  'beyond the normal numbers': new Map([['a', draw(90, () => 1e-42 * rng.normal())]]),
};

function countAll(masks: Masks): number {
  return [...masks.values()].reduce((sum, mask) => sum + countOnes(mask), 0);
}

/** The scores of one kind of weight, kept or pruned. */
function pick(scores: Scores, masks: Masks, kept: 0 | 1): readonly number[] {
  return [...scores].flatMap(([id, layer]) => [...layer].filter((_, index) => masks.get(id)?.[index] === kept));
}

for (const [kind, scores] of Object.entries(kinds)) {
  const total = [...scores.values()].reduce((sum, { length }) => sum + length, 0);

  for (const density of [1, 0.75, 0.5, 0.1, 0.01, 1 / total]) {
    test(`scores ${kind}: at ${density.toPrecision(2)} exactly round(density · n) stay, and none that goes has a higher score`, () => {
      const masks = keepLargest(scores, density);
      assert.is(countAll(masks), Math.round(density * total));
      assert.equal(
        [...masks].map(([id, mask]) => [id, mask.length]),
        [...scores].map(([id, layer]) => [id, layer.length]),
      );
      const [kept, pruned] = [pick(scores, masks, 1), pick(scores, masks, 0)];
      assert.is(kept.length + pruned.length, total);
      if (kept.length > 0 && pruned.length > 0) assert.ok(Math.min(...kept) >= Math.max(...pruned));
    });
  }

  test(`scores ${kind}: what stays at a density stays at every higher one`, () => {
    const [few, more] = [keepLargest(scores, 0.1), keepLargest(scores, 0.4)];
    for (const [id, mask] of few) assert.ok(mask.every((kept, index) => kept <= (more.get(id)?.[index] ?? 0)));
  });

  test(`scores ${kind}: by layer, each keeps exactly its own share`, () => {
    for (const share of [0, 0.03, 0.5, 1]) {
      const masks = keepLargestByLayer(scores, new Map([['a', share]]));
      for (const [id, layer] of scores) {
        const count = countOnes(masks.get(id) as Uint8Array);
        assert.is(count, Math.round((id === 'a' ? share : 1) * layer.length));
      }
    }
  });
}

test('the place of ties depends on nothing but the scores', () => {
  const scores = kinds['all equal'] as Scores;
  assert.equal(keepLargest(scores, 0.3), keepLargest(scores, 0.3));
  assert.equal([...(keepLargest(scores, 0.3).get('a') ?? [])].lastIndexOf(1), 19); // the first round(0.3 · 67) of all
});

test('an example', () => {
  const masks = keepLargest(
    new Map([
      ['a', Float32Array.of(1, -5, 3)],
      ['b', Float32Array.of(2, 3, -0.5)],
    ]),
    0.5,
  );
  assert.equal([...(masks.get('a') ?? [])], [0, 0, 1]);
  assert.equal([...(masks.get('b') ?? [])], [1, 1, 0]);
});

test('a density or score that cannot be is answered in a sentence', () => {
  const scores = new Map([['a', Float32Array.of(1, 2)]]);
  for (const density of [0, -0.1, 1.1, Number.NaN]) {
    assert.throws(
      () => keepLargest(scores, density),
      (error: unknown) => error instanceof UsageError && /must be above 0 and at most 1/.test(error.message),
    );
  }
  for (const density of [-0.1, 1.1, Number.NaN]) {
    assert.throws(
      () => keepLargestByLayer(scores, new Map([['a', density]])),
      (error: unknown) => error instanceof UsageError && /density of layer "a"/.test(error.message),
    );
  }
  assert.throws(
    () => keepLargest(new Map([['bad', Float32Array.of(1, Number.NaN)]]), 0.5),
    (error: unknown) => error instanceof UsageError && /Layer "bad"/.test(error.message),
  );
});

test.run();
