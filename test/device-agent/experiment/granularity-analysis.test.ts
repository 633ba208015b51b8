import { looksAtWeights } from '@precrop/device-agent/experiment/cell-groups';
import { analyseGranularity, certaintyOf, type PooledDifference } from '@precrop/device-agent/experiment/granularity-analysis';
import { nameCell, type Realisation, toCells } from '@precrop/device-agent/experiment/granularity-cells';
import { toMeanInterval } from '@precrop/device-agent/measure/mean-interval';
import { maskSources } from '@precrop/sdk/saliency/find-masks';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { near } from '../../support/near.js';
import { syntheticAxes, syntheticResult, syntheticResults } from './synthetic-results.js';

const cells = toCells(syntheticAxes);

function pooledOf(pooled: readonly PooledDifference[], realisation: Realisation, isControl = false): PooledDifference {
  const found = pooled.find((each) => each.realisation === realisation && each.isControl === isControl);
  ok(found, `${realisation} should be pooled`);
  return found;
}

test('by hand: two seeds of one combination', () => {
  const one = (realisation: Realisation, seed: number, accuracy: number) =>
    syntheticResult({ source: 'synflow', density: 0.1, realisation, seed }, accuracy);
  const results = [one('unstructured', 0, 0.7), one('unstructured', 1, 0.72), one('crop', 0, 0.69), one('crop', 1, 0.7)];
  const { groups, pooled } = analyseGranularity(results, []);
  const crop = groups.find(({ realisation }) => realisation === 'crop');
  near(crop?.difference?.mean ?? 0, -0.015, 1e-12);
  near(crop?.difference?.deviation ?? 0, 0.01 / Math.SQRT2, 1e-12);
  near(crop?.difference?.low ?? 0, -0.015 - 12.7062 * 0.005, 1e-6);
  equal(pooledOf(pooled, 'crop').byPair.mean, crop?.difference?.mean);
  equal(pooledOf(pooled, 'crop').byPair.low, pooledOf(pooled, 'crop').bySeed?.low);
  is(groups.find(({ realisation }) => realisation === 'unstructured')?.difference, null);
});

test('a difference that all share is found, one that none has is not', () => {
  const { pooled, missing } = analyseGranularity(syntheticResults({ crop: -0.02 }), cells);
  equal(missing, []);
  const crop = pooledOf(pooled, 'crop');
  is(crop.groups.length, 4);
  is(crop.byPair.count, 12);
  is(crop.byPair.degreesOfFreedom, 8);
  is(crop.bySeed?.degreesOfFreedom, 2);
  near(crop.byPair.mean, -0.02, 0.003);
  is(certaintyOf(crop), 'sure');
  is(certaintyOf(pooledOf(pooled, 'shuffled')), 'unseen');
});

test('what is common to a seed leaves the pairs, whatever it does to the accuracies', () => {
  const results = syntheticResults({ crop: -0.02 });
  const moved = results.map((result) => syntheticResult(result.cell, result.accuracy + 0.05 * result.cell.seed));
  const [before, after] = [results, moved].map((each) => pooledOf(analyseGranularity(each, cells).pooled, 'crop').byPair);
  near(after?.low ?? 0, before?.low ?? 1, 1e-12);
  const spread = (which: typeof results): number => analyseGranularity(which, cells).groups[0]?.accuracy.deviation ?? 0;
  ok(spread(moved) > 5 * spread(results));
});

test('a seed that moves all differences alike is seen by counting seeds, and not by counting pairs', () => {
  const results = syntheticResults({}).map((result) => {
    const shift = result.cell.realisation === 'crop' ? [0.02, -0.01, 0.03][result.cell.seed] : 0;
    return syntheticResult(result.cell, result.accuracy + (shift ?? 0));
  });
  const crop = pooledOf(analyseGranularity(results, cells).pooled, 'crop');
  is(certaintyOf(crop), 'likely');
  ok((crop.bySeed?.low ?? 0) < 0);
  ok((crop.byPair.low ?? 0) > 0);
});

test('random masks that are shuffled are a check on chance, apart; their crops and the scored masks are what is tested', () => {
  const { pooled } = analyseGranularity(syntheticResults({}), cells);
  equal([...new Set(pooledOf(pooled, 'shuffled').groups.map(({ source }) => source))], ['synflow']);
  equal([...new Set(pooledOf(pooled, 'shuffled', true).groups.map(({ source }) => source))], ['erk']);
  equal([...new Set(pooledOf(pooled, 'crop').groups.map(({ source }) => source))], ['synflow', 'erk']);
  equal(
    maskSources.filter((source) => ['synflow', 'erk', 'synexp', 'uniform'].includes(source) && looksAtWeights(source)),
    ['synflow'],
  );
});

test('what is missing is named, and nothing stands for it', () => {
  const results = syntheticResults({}).filter(({ cell }) => !(cell.seed === 2 || (cell.seed === 1 && cell.source === 'erk')));
  const { groups, pooled, missing } = analyseGranularity(results, cells);
  is(missing.length, cells.length - results.length);
  equal(
    missing.filter((name) => results.some(({ cell }) => nameCell(cell) === name)),
    [],
  );
  is(pooledOf(pooled, 'crop').byPair.count, 2 * 2 + 2);
  is(pooledOf(pooled, 'crop').bySeed?.count, 1); // seed 0 alone has all four
  is(groups.find(({ source }) => source === 'erk')?.accuracy.low, null);
});

test('a training whose partner is missing is shown and not compared', () => {
  const results = syntheticResults({}).filter(({ cell }) => cell.realisation !== 'unstructured');
  const { groups, pooled } = analyseGranularity(results, cells);
  equal(pooled, []);
  ok(groups.length > 0 && groups.every(({ difference }) => difference === null));
  equal(analyseGranularity([], cells).missing, cells.map(nameCell));
});

test('the order of the files changes nothing', () => {
  const results = syntheticResults({ crop: -0.01 });
  equal(analyseGranularity([...results].reverse(), cells), analyseGranularity(results, cells));
});

test('certainty: both ways, one, none, or one seed', () => {
  const [away, around, single] = [toMeanInterval([1, 1.1, 0.9]), toMeanInterval([1, -1, 0.1]), toMeanInterval([1])];
  const certainty = (byPair: PooledDifference['byPair'], bySeed: PooledDifference['bySeed']) =>
    certaintyOf({ realisation: 'crop', groups: [], byPair, bySeed, isControl: false });
  is(certainty(away, away), 'sure');
  is(certainty(away, around), 'likely');
  is(certainty(away, single), 'likely');
  is(certainty(away, null), 'likely');
  is(certainty(around, around), 'unseen');
  is(certainty(single, single), 'unrepeated');
});

test.run();
