import { accuracyAt, isUnannealedAt, secondsOf, toCurve } from '@precrop/device-agent/report/curves';
import type { EpochRecord } from '@precrop/sdk/core/events';
import { createRng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import { is, ok } from 'uvu/assert';

const rng = createRng(3);

function randomEpochs(count: number): EpochRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    epoch: index + 1,
    trainLoss: 1,
    trainAccuracy: 0.5,
    testLoss: 1,
    testAccuracy: rng.uniform(),
    learningRate: 0.1,
    trainSeconds: 0.1 + rng.uniform(),
    evaluateSeconds: 5,
  }));
}

const curves = Array.from({ length: 50 }, () => toCurve(randomEpochs(rng.integer(1, 20))));

test('the clock sums training alone', () => {
  const epochs = randomEpochs(9);
  ok(Math.abs(secondsOf(toCurve(epochs)) - epochs.reduce((sum, epoch) => sum + epoch.trainSeconds, 0)) < 1e-9);
});

test('at the end of an epoch the accuracy is that epoch’s, exactly', () => {
  for (const curve of curves) for (const point of curve) is(accuracyAt(curve, point.seconds), point.accuracy);
});

test('between two epochs it lies between theirs, and moves in proportion to time', () => {
  for (const curve of curves) {
    curve.slice(1).forEach((after, index) => {
      const before = curve[index];
      if (before === undefined) return;
      const share = rng.uniform();
      const value = accuracyAt(curve, before.seconds + share * (after.seconds - before.seconds));
      ok(Math.abs((value ?? 9) - (before.accuracy + share * (after.accuracy - before.accuracy))) < 1e-9);
    });
  }
});

test('before the first epoch ends nothing is claimed, after the last it stays', () => {
  for (const curve of curves) {
    is(accuracyAt(curve, (curve[0]?.seconds ?? 1) * 0.99), undefined);
    is(accuracyAt(curve, secondsOf(curve) * 2), curve.at(-1)?.accuracy);
  }
});

test('a curve without epochs has no accuracy', () => is(accuracyAt([], 1), undefined));

test('a learning rate is called high until it has come down to a tenth, and a constant one never', () => {
  const rates = [0.1, 0.4, 0.3, 0.2, 0.03, 0.001];
  const curve = toCurve(
    rates.map((learningRate, index) => ({ ...(randomEpochs(1)[0] as EpochRecord), epoch: index + 1, learningRate, trainSeconds: 1 })),
  );
  is(isUnannealedAt(curve, 0.5), false);
  is(isUnannealedAt(curve, 4), true);
  is(isUnannealedAt(curve, 5), false);
  is(isUnannealedAt(curve, 6), false);
  for (const constant of curves) is(isUnannealedAt(constant, secondsOf(constant) / 2), false);
});

test.run();
