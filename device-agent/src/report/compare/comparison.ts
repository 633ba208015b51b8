import type { EpochRecord } from '@precrop/sdk/core/events';
import type { Measurement } from '../../measure/measurement.js';
import type { Verdict } from '../../measure/validity.js';
import type { Steadiness } from '../../measure/wait-until-steady.js';
import type { GroupWidth, PeakMemory, ReportConditions } from '../report.js';

/** One training of a network, by the recipe and this seed. */
export interface ComparedTraining {
  readonly seed: number;
  /** Its folder. */
  readonly run: string;
  /** On the test images after the last epoch. */
  readonly accuracy: number;
  readonly epochs: readonly EpochRecord[];
  readonly peakRssBytes: number;
  readonly baselineRssBytes: number;
}

/** One runtime that was tried for a network's inference, to find its fastest. */
export interface Trial {
  /** A short trial of one network's ways, or the interleaved timing of its best two, of which the faster one counts. */
  readonly stage: 'trial' | 'final';
  readonly batch: number;
  readonly runtime: string;
  readonly threads: number;
  /** Null, and no samples, where it could not be timed. */
  readonly medianMs: number | null;
  readonly samplesMs: readonly number[];
  /** Why it could not, a sentence. */
  readonly reason: string | null;
}

/** Interleaved with the other networks at the same batch: the block of a round was taken within seconds of theirs. */
export interface BlockedMeasurement extends Measurement {
  /** Samples of each round, in the order of `samples`. */
  readonly blockSizes: readonly number[];
}

/** Accuracies over seeds. */
export interface SeedSpread {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
  /** Standard deviation (n - 1); null with one seed. */
  readonly deviation: number | null;
}

/** What a mask leaves of a network. */
export interface ComparedMask {
  /** Share of each layer's weights. */
  readonly densities: Readonly<Record<string, number>>;
  /** Share of all weights that lie on a path from the image to a logit. */
  readonly effectiveDensity: number;
  /** Layers of which nothing stays. */
  readonly collapsed: readonly string[];
}

/** One row: a network with what it cost and what it came to. */
export interface ComparedNetwork {
  readonly id: string;
  readonly kind: 'original' | 'crop' | 'sparse';
  readonly source: string | null;
  readonly equal: 'params' | 'macs' | null;
  /** In words. */
  readonly name: string;
  readonly architecture: string;
  readonly widths: readonly GroupWidth[];
  /** Trainable parameters and MACs that are left; zeros are not counted. */
  readonly params: number;
  readonly macs: number;
  /** What the first seed's mask leaves; null where there is no mask. */
  readonly mask: ComparedMask | null;
  readonly accuracy: SeedSpread;
  readonly trainings: readonly ComparedTraining[];
  /** All masked networks have one and the same step, timed once. */
  readonly trainStep: Measurement;
  /** At each batch, in the runtime that was fastest in the trials. A batch at which nothing could be timed is absent. */
  readonly inference: readonly BlockedMeasurement[];
  readonly trials: readonly Trial[];
  /** The largest of its trainings. */
  readonly peakRssBytes: PeakMemory;
  /** The smallest of its files. */
  readonly disk: { readonly format: string; readonly bytes: number; readonly all: Readonly<Record<string, number>> };
}

/** What was asked for. */
export interface CompareSetting {
  readonly density: number;
  readonly crops: readonly string[];
  readonly sparse: readonly string[];
  readonly seeds: readonly number[];
  readonly align: number;
  readonly batches: readonly number[];
}

/** Of the first batch, and of the crop at equal parameters by the first source. Null where there is no such crop, sparse network or time. */
export interface CompareSummary {
  readonly speedupOverOriginal: number | null;
  /** Over the sparse network that is fastest at that batch, whatever runs it. */
  readonly speedupOverSparse: number | null;
  /** What runs it. */
  readonly sparseRuntime: string | null;
  readonly sparse: string | null;
  readonly crop: string | null;
  readonly cropRuntime: string | null;
  readonly batch: number;
  readonly originalAccuracy: number;
  readonly cropAccuracy: number | null;
  readonly sparseAccuracy: number | null;
  readonly cropMs: number | null;
  readonly sparseMs: number | null;
  readonly originalMs: number | null;
  readonly trainStepSpeedup: number | null;
  readonly seeds: number;
}

/** What `precrop compare` writes as report.json and draws as report.html. Made by `createComparison`. */
export interface NetworkComparison {
  readonly schemaVersion: 1;
  readonly command: 'compare';
  readonly conditions: ReportConditions;
  readonly setting: CompareSetting;
  /** Of large matrix products, before anything was timed. */
  readonly steadiness: Steadiness;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly summary: CompareSummary;
  readonly headline: string;
  /** Plain sentences, bad news included. */
  readonly conclusion: readonly string[];
  /** Crops that could not be built, with the reason. */
  readonly leftOut: readonly { readonly id: string; readonly reason: string }[];
  /** The original first, then crops, then sparse networks. */
  readonly results: readonly ComparedNetwork[];
}
