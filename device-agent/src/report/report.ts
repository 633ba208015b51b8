import type { EpochRecord } from '@precrop/sdk/core/events';
import type { Measurement } from '../measure/measurement.js';
import type { Verdict } from '../measure/validity.js';

/** Resident memory of the process that trained. */
export interface PeakMemory {
  /** Highest resident set of the whole process, bytes. */
  readonly value: number;
  /** Resident set before the first training step: Node and the libraries, bytes. */
  readonly baselineBytes: number;
  /** What `liveness` predicts for value − baselineBytes. */
  readonly predictedBytes: number;
}

/** One width group of an architecture; `originalWidth` is its width before the crop. */
export interface GroupWidth {
  readonly group: string;
  readonly width: number;
  readonly originalWidth: number;
}

/** Test accuracies, fractions. `final` is compared; `best` was picked on the test set and flatters. */
export interface Accuracy {
  readonly final: number;
  readonly best: number;
}

export interface Contender {
  readonly name: 'original' | 'crop';
  /** Name of the architecture, such as "resnet-20". */
  readonly architecture: string;
  readonly widths: readonly GroupWidth[];
  readonly params: number;
  /** Multiply-accumulates of one image's forward pass. */
  readonly macs: number;
  readonly trainStep: Measurement;
  /** Least time of a training step by its MACs at the device's peak, ms. */
  readonly trainStepBoundMs?: number;
  /** One entry a runtime and batch; the demo measures the fastest alone. */
  readonly inference: readonly Measurement[];
  readonly peakRssBytes: PeakMemory;
  readonly accuracy: Accuracy;
  /** In order, at least one; `trainSeconds` is each epoch's own. */
  readonly epochs: readonly EpochRecord[];
}

export interface Recipe {
  readonly epochs: number;
  readonly optimizer: string;
  /** Peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: string;
  readonly weightDecay: number;
  readonly augmentation: string;
  readonly seed: number;
}

export interface ReportDataset {
  readonly name: string;
  /** Where it came from, in words. */
  readonly source: string;
  readonly trainImages: number;
  readonly testImages: number;
  readonly classes: number;
}

/** What every number of the report was measured under. */
export interface ReportConditions {
  readonly device: string;
  readonly cpu: string;
  /** Cores that the process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly os: string;
  /** Power state in words: "mains", "battery 63 %, power saver". */
  readonly power: string;
  /** Backend asked for and backend that trained. */
  readonly runtime: string;
  readonly runtimeUsed: string;
  readonly threads: number;
  readonly batch: number;
  /** The runtime asked for, and those among which a short trial took each contender's fastest; every timing names its own. */
  readonly inference?: { readonly asked: string; readonly tried: readonly string[] };
  /** "node" and one entry a library. */
  readonly versions: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly dataset: ReportDataset;
  readonly recipe: Recipe;
  /** How the widths were chosen, in words. */
  readonly crop: string;
}

/** Plain numbers in the unit that the name ends with; ratios are crop ÷ original, speed-ups original ÷ crop. */
export interface ReportSummary {
  readonly paramsRatio: number;
  readonly macsRatio: number;
  readonly originalTrainStepMs: number;
  readonly cropTrainStepMs: number;
  readonly trainStepSpeedup: number;
  readonly originalTrainStepTimesBound: number | null;
  readonly cropTrainStepTimesBound: number | null;
  /** Of the runtime in which the original is fastest at that batch, or of each one's fastest where they differ; null where none was measured. */
  readonly inferenceBatch1Speedup: number | null;
  readonly inferenceBatch128Speedup: number | null;
  readonly peakRssRatio: number;
  readonly originalAccuracy: number;
  readonly cropAccuracy: number;
  /** Crop − original, fractions, after equal epochs. */
  readonly accuracyDifference: number;
  /** The smallest difference that the test images can tell from chance (95 %). */
  readonly accuracyResolution: number;
  readonly originalTrainSeconds: number;
  readonly cropTrainSeconds: number;
  /** The shorter of the two trainings. */
  readonly equalTimeSeconds: number;
  /** Accuracies at that time, interpolated; null before the first epoch ends. */
  readonly originalAccuracyAtEqualTime: number | null;
  readonly cropAccuracyAtEqualTime: number | null;
  readonly accuracyDifferenceAtEqualTime: number | null;
}

/** What `precrop demo` writes as report.json and draws as report.html. Made by `createReport`. */
export interface ComparisonReport {
  readonly schemaVersion: 1;
  readonly command: 'demo';
  readonly conditions: ReportConditions;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly summary: ReportSummary;
  /** Plain sentences, bad news included. */
  readonly conclusion: readonly string[];
  /** The original, then its crop. */
  readonly results: readonly [Contender, Contender];
}
