import { keepLargest } from '@precrop/sdk/mask/keep-largest';
import type { Masks, Scores } from '@precrop/sdk/mask/masks';
import * as assert from 'uvu/assert';
import { decode } from '../conformance/golden.js';

/** What a script of test/golden/saliency found for one criterion. */
export interface GoldenScores {
  /** Of each layer, every n-th score. */
  readonly scores: Readonly<Record<string, string>>;
  /** A bit a weight of all layers: 1 where it is among the highest 10%. */
  readonly kept: string;
}

const samples = 100;
const density = 0.1;

/** Fails unless each layer's weights are ranked alike, and the same ones are kept, but for those that score what the threshold is. */
export function checkScores(scores: Scores, golden: GoldenScores): void {
  checkRanks(scores, golden, 0.999);
  const flat = [...scores.values()].flatMap((layer) => [...layer]);
  const ours = flatten(keepLargest(scores, density));
  const threshold = flat.reduce((least, score, index) => (ours[index] === 1 ? Math.min(least, score) : least), Number.POSITIVE_INFINITY);
  const theirs = unpack(golden.kept, ours.length);
  assert.ok(threshold > 0 && count(ours) === count(theirs));
  flat.forEach((score, index) => {
    if (ours[index] !== theirs[index])
      assert.ok(Math.abs(score - threshold) < 1e-3 * threshold, `weight ${index}: ${score}, the threshold is ${threshold}`);
  });
}

/** Fails unless Spearman's rank correlation is at least that in every layer. */
export function checkRanks(scores: Scores, { scores: expected }: GoldenScores, least: number): void {
  assert.equal([...scores.keys()].sort(), Object.keys(expected).sort());
  for (const [id, layer] of scores) {
    const every = Math.max(1, Math.floor(layer.length / samples));
    const sampled = layer.filter((_, index) => index % every === 0);
    const correlation = correlateRanks(sampled, decode(expected[id] ?? ''));
    assert.ok(correlation >= least, `${id}: Spearman's correlation is ${correlation}`);
  }
}

/** Fails unless the same weights are kept, to the last. */
export function checkKept(masks: Masks, kept: string): void {
  const ours = flatten(masks);
  const theirs = unpack(kept, ours.length);
  assert.is(count(ours), count(theirs));
  const others = ours.filter((bit, index) => bit === 1 && theirs[index] === 0).length;
  assert.is(others, 0, `${others} of ${count(ours)} weights are others`);
}

function flatten(masks: Masks): readonly number[] {
  return [...masks.values()].flatMap((mask) => [...mask]);
}

function unpack(text: string, length: number): readonly number[] {
  const bits = Buffer.from(text, 'base64');
  return Array.from({ length }, (_, index) => ((bits[index >> 3] as number) >> (index & 7)) & 1);
}

function count(list: readonly number[]): number {
  return list.reduce((sum, bit) => sum + bit, 0);
}

/** Spearman's rank correlation; equal values are ranked by position on both sides. */
function correlateRanks(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.is(a.length, b.length);
  const [first, second] = [toRanks(a), toRanks(b)];
  const mean = (a.length - 1) / 2;
  let [product, square] = [0, 0];
  first.forEach((rank, index) => {
    product += (rank - mean) * ((second[index] as number) - mean);
    square += (rank - mean) ** 2;
  });
  return product / square;
}

function toRanks(values: ArrayLike<number>): readonly number[] {
  const order = Array.from({ length: values.length }, (_, index) => index).sort((i, j) => (values[i] as number) - (values[j] as number));
  const ranks: number[] = [];
  order.forEach((index, rank) => {
    ranks[index] = rank;
  });
  return ranks;
}
