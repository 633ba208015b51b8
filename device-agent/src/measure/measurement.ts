import type { Conditions } from './conditions.js';
import { type Summary, summarize } from './statistics.js';
import { judge, type Verdict } from './validity.js';

/** A repeated measurement and its conditions. `samples` are in `unit`; `mad` is the median absolute deviation. */
export interface Measurement extends Summary {
  readonly unit: 'ms' | 'bytes';
  readonly samples: readonly number[];
  readonly verdict: Verdict;
  /** Sentences; empty when valid. */
  readonly reasons: readonly string[];
  /** The runtime that really ran. */
  readonly runtime: string;
  readonly threads: number;
  readonly batch: number;
}

export interface MeasurementConditions extends Conditions, Pick<Measurement, 'runtime' | 'threads' | 'batch'> {}

/** Timings in the order they were taken, judged. @throws RangeError without samples. */
export function createMeasurement(samplesMs: readonly number[], conditions: MeasurementConditions): Measurement {
  const { runtime, threads, batch } = conditions;
  return { unit: 'ms', ...summarize(samplesMs), samples: samplesMs, ...judge(samplesMs, conditions), runtime, threads, batch };
}
