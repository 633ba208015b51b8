import { compareAccuracies, compareTimes, type Duel, findDecisive, type Outcome, toDuel } from '@precrop/device-agent/report/compare/duels';
import { toSeedSpread } from '@precrop/device-agent/report/compare/seed-spread';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { syntheticCompared, syntheticTime, type Traits } from './synthetic-comparison.js';

/** The crop at equal parameters against the sparse SynFlow network at batch 1. */
function duel(change: Partial<Traits>): Duel {
  const { results, conditions } = syntheticCompared(change);
  const find = (id: string) => results.find((each) => each.id === id) as Duel['crop'];
  return toDuel(find('crop-synexp-params'), find('sparse-synflow'), 1, conditions.dataset.testImages);
}

const faster = { times: [0.2, 1, 10] } as const;
const slower = { times: [0.4, 2, 20] } as const;
const high = { accuracies: [0.9, 0.9, 0.9] };
const low = { accuracies: [0.8, 0.8, 0.8] };

test('the outcome follows from speed and accuracy, each way round', () => {
  const cases: readonly (readonly [crop: object, rival: object, outcome: Outcome])[] = [
    [{ ...faster, ...high }, { ...slower, ...low }, 'won'],
    [{ ...faster, ...high }, { ...slower, ...high }, 'won'],
    [{ ...faster, ...high }, { ...faster, ...low }, 'won'],
    [{ ...faster, ...low }, { ...slower, ...high }, 'traded'],
    [{ ...slower, ...high }, { ...faster, ...low }, 'traded'],
    [{ ...slower, ...low }, { ...faster, ...high }, 'lost'],
    [{ ...slower, ...high }, { ...faster, ...high }, 'lost'],
    [{ ...faster, ...low }, { ...faster, ...high }, 'lost'],
    [{ ...faster, ...high }, { ...faster, ...high }, 'level'],
  ];
  for (const [crop, rival, outcome] of cases)
    assert.is(duel({ cropParams: crop, synflow: rival }).outcome, outcome, JSON.stringify({ crop, rival }));
});

test('a duel turned round has the opposite outcome', () => {
  const { results, conditions } = syntheticCompared();
  const opposite: Readonly<Record<Outcome, Outcome>> = { won: 'lost', lost: 'won', traded: 'traded', level: 'level', untimed: 'untimed' };
  for (const one of results) {
    for (const other of results) {
      const [there, back] = [toDuel(one, other, 8, conditions.dataset.testImages), toDuel(other, one, 8, conditions.dataset.testImages)];
      assert.is(back.outcome, opposite[there.outcome], `${one.id}, ${other.id}`);
      assert.ok(Math.abs(there.speedup * back.speedup - 1) < 1e-12);
    }
  }
});

test('an invalid time, or none, is no time', () => {
  const { results, conditions } = syntheticCompared();
  const [, crop, , rival] = results as unknown as readonly [unknown, Duel['crop'], unknown, Duel['crop']];
  const invalid = { ...rival, inference: rival.inference.map((each) => ({ ...each, verdict: 'invalid' as const, reasons: ['stopped'] })) };
  assert.is(toDuel(crop, invalid, 1, conditions.dataset.testImages).outcome, 'untimed');
  assert.is(toDuel(crop, rival, 64, conditions.dataset.testImages).outcome, 'untimed');
});

test('a time is better where the medians differ by 5 % and nine of ten rounds agree', () => {
  const base = syntheticTime('base', 1);
  const at = (factors: readonly number[]) => {
    const samples = factors.flatMap((factor) => Array.from({ length: 5 }, () => factor));
    return {
      ...base,
      samples,
      blockSizes: factors.map(() => 5),
      median: [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] as number,
    };
  };
  assert.is(compareTimes(at([1, 1, 1, 1, 1]), at([1.04, 1.04, 1.04, 1.04, 1.04])), 'level');
  assert.is(compareTimes(at([1, 1, 1, 1, 1]), at([2, 2, 2, 2, 2])), 'better');
  assert.is(compareTimes(at([2, 2, 2, 2, 2]), at([1, 1, 1, 1, 1])), 'worse');
  assert.is(compareTimes(at([1, 1, 1, 1, 1]), at([2, 2, 2, 0.5, 0.5])), 'level', 'two of five rounds say the opposite');
  assert.is(compareTimes(at([1, 3, 1, 3, 1]), at([2, 6, 2, 6, 2])), 'better', 'a machine that slows both down hides nothing');
});

test('accuracies differ only beyond what the test images and the seeds can tell', () => {
  const one = (...accuracies: number[]) => toSeedSpread(accuracies);
  assert.is(compareAccuracies(one(0.9), one(0.89), 1000), 'level', 'too few images');
  assert.is(compareAccuracies(one(0.9), one(0.89), 100_000), 'better', 'enough images');
  assert.is(compareAccuracies(one(0.89), one(0.9), 100_000), 'worse');
  assert.is(compareAccuracies(one(0.9, 0.94), one(0.89, 0.91), 100_000), 'level', 'the ranges overlap');
  assert.is(compareAccuracies(one(0.92, 0.94), one(0.89, 0.91), 100_000), 'better', 'the ranges are apart');
});

test('what beats the crop decides before what it beats, and of those it beats the fastest', () => {
  const lost = duel({ cropParams: { ...slower, ...high }, synflow: { ...faster, ...high } });
  const won = duel({ cropParams: { ...faster, ...high }, synflow: { ...slower, ...high } });
  const narrow = duel({ cropParams: { ...faster, ...high }, synflow: { times: [0.25, 1, 10], ...high } });
  assert.is(findDecisive([won, lost]), lost);
  assert.is(findDecisive([won, narrow]), narrow);
  const untimed = { ...won, outcome: 'untimed' as const };
  assert.is(findDecisive([won, untimed]), untimed, 'a rival without a time may have won');
  assert.is(findDecisive([lost, untimed]), lost);
  assert.is(findDecisive([]), undefined);
});

test('the spread over seeds is the mean, the range and the deviation of n - 1', () => {
  assert.equal(toSeedSpread([0.5]), { mean: 0.5, least: 0.5, most: 0.5, deviation: null });
  const { mean, deviation } = toSeedSpread([0.1, 0.2, 0.3]);
  assert.ok(Math.abs(mean - 0.2) < 1e-12 && Math.abs((deviation ?? 0) - 0.1) < 1e-12);
  assert.throws(() => toSeedSpread([]), 'no accuracies');
});

test.run();
