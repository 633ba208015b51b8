import type { EpochRecord } from '@precrop/sdk/core/events';

/** A training curve's point: test accuracy (fraction) after so many seconds of training alone. */
export interface CurvePoint {
  readonly seconds: number;
  readonly accuracy: number;
  readonly learningRate: number;
  readonly epoch: EpochRecord;
}

/** One point a finished epoch; evaluation costs no time on this clock. */
export function toCurve(epochs: readonly EpochRecord[]): readonly CurvePoint[] {
  let seconds = 0;
  return epochs.map((epoch) => {
    seconds += epoch.trainSeconds;
    return { seconds, accuracy: epoch.testAccuracy, learningRate: epoch.learningRate, epoch };
  });
}

/** Seconds of training in all. */
export function secondsOf(curve: readonly CurvePoint[]): number {
  return curve.at(-1)?.seconds ?? 0;
}

/**
 * Accuracy after `seconds` of training, linear between two epochs and flat after the last.
 * Undefined before the first epoch ends: nothing was measured there.
 */
export function accuracyAt(curve: readonly CurvePoint[], seconds: number): number | undefined {
  const next = curve.findIndex((point) => point.seconds >= seconds);
  if (next === -1) return curve.at(-1)?.accuracy;
  const after = curve[next];
  const before = curve[next - 1];
  if (after === undefined || after.seconds === seconds) return after?.accuracy;
  if (before === undefined) return undefined;
  const share = (seconds - before.seconds) / (after.seconds - before.seconds);
  return before.accuracy + share * (after.accuracy - before.accuracy);
}

/**
 * Whether training stopped at `seconds` would stop at a learning rate that had not come down yet: above a tenth of its
 * peak and above where the schedule ends. Such a network is judged early, and another that has annealed looks better beside it.
 */
export function isUnannealedAt(curve: readonly CurvePoint[], seconds: number): boolean {
  const point = curve.findLast((candidate) => candidate.seconds <= seconds);
  const last = curve.at(-1);
  if (point === undefined || last === undefined) return false;
  const peak = Math.max(...curve.map((each) => each.learningRate));
  return point.learningRate > peak / 10 && point.learningRate > 2 * last.learningRate;
}
