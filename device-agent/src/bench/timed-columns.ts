import type { Blocks } from '../measure/interleave.js';
import { createMeasurement, type MeasurementConditions } from '../measure/measurement.js';
import type { Verdict } from '../measure/validity.js';

/** What every timed row of a document holds. */
export interface TimedColumns {
  /** All numbers are null, and the samples empty, where it was left out. */
  readonly medianMs: number | null;
  readonly p5Ms: number | null;
  readonly p95Ms: number | null;
  readonly samplesMs: readonly number[];
  /** Samples of each block, in the order of `samplesMs`. */
  readonly blockSizes: readonly number[];
  /** `invalid` where it was left out. */
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

export function toTimedColumns(blocks: Blocks, conditions: MeasurementConditions): TimedColumns & { readonly medianMs: number } {
  const { median, p5, p95, samples, verdict, reasons } = createMeasurement(blocks.flat(), conditions);
  return {
    medianMs: median,
    p5Ms: p5,
    p95Ms: p95,
    samplesMs: samples,
    blockSizes: blocks.map(({ length }) => length),
    verdict,
    reasons,
  };
}

/** The columns of what was left out, and why. */
export function toUntimedColumns(reason: string): TimedColumns {
  return { medianMs: null, p5Ms: null, p95Ms: null, samplesMs: [], blockSizes: [], verdict: 'invalid', reasons: [reason] };
}
