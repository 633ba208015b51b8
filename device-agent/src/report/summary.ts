import { type Comparison, fastestInference, toComparisons } from './comparisons.js';
import { accuracyAt, secondsOf, toCurve } from './curves.js';
import type { Contender, ReportSummary } from './report.js';

/** The named figures of a comparison. @param testImages how many images each accuracy was counted on. */
export function toSummary(original: Contender, crop: Contender, testImages: number): ReportSummary {
  const comparisons = toComparisons(original, crop);
  const originalCurve = toCurve(original.epochs);
  const cropCurve = toCurve(crop.epochs);
  const equalTimeSeconds = Math.min(secondsOf(originalCurve), secondsOf(cropCurve));
  const originalThen = accuracyAt(originalCurve, equalTimeSeconds) ?? null;
  const cropThen = accuracyAt(cropCurve, equalTimeSeconds) ?? null;
  return {
    paramsRatio: crop.params / original.params,
    macsRatio: crop.macs / original.macs,
    originalTrainStepMs: original.trainStep.median,
    cropTrainStepMs: crop.trainStep.median,
    trainStepSpeedup: original.trainStep.median / crop.trainStep.median,
    originalTrainStepTimesBound: timesBound(original),
    cropTrainStepTimesBound: timesBound(crop),
    inferenceBatch1Speedup: speedupOf(fastestInference(comparisons, 1)),
    inferenceBatch128Speedup: speedupOf(fastestInference(comparisons, 128)),
    peakRssRatio: crop.peakRssBytes.value / original.peakRssBytes.value,
    originalAccuracy: original.accuracy.final,
    cropAccuracy: crop.accuracy.final,
    accuracyDifference: crop.accuracy.final - original.accuracy.final,
    accuracyResolution: accuracyResolution(original.accuracy.final, crop.accuracy.final, testImages),
    originalTrainSeconds: secondsOf(originalCurve),
    cropTrainSeconds: secondsOf(cropCurve),
    equalTimeSeconds,
    originalAccuracyAtEqualTime: originalThen,
    cropAccuracyAtEqualTime: cropThen,
    accuracyDifferenceAtEqualTime: originalThen === null || cropThen === null ? null : cropThen - originalThen,
  };
}

/**
 * Half width of the 95 % interval of the difference of two accuracies, each counted on `images` images and taken as
 * independent binomials: wider than a paired test would be, so it never claims too much.
 */
export function accuracyResolution(a: number, b: number, images: number): number {
  return Math.min(1, 1.96 * Math.sqrt((a * (1 - a) + b * (1 - b)) / images));
}

function timesBound(contender: Contender): number | null {
  return contender.trainStepBoundMs === undefined ? null : contender.trainStep.median / contender.trainStepBoundMs;
}

function speedupOf(comparison: Comparison | undefined): number | null {
  return comparison ? 1 / comparison.ratio : null;
}
