import type { FileLeftOut, FileMeasured } from './measure-files.js';
import { type TimedColumns, toTimedColumns, toUntimedColumns } from './timed-columns.js';

/** Multiplies by zeros: what a sparse runtime has to beat. */
export const denseRuntime = 'onnxruntime/cpu';
/** Every runtime that can leave zeros out. */
export const sparseRuntimes = { ours: 'sparse-wasm', tflite: 'tflite' } as const;

/** Figures of a row are null where it was left out. */
export interface TimedRow extends TimedColumns {
  readonly runtime: string;
  /** Whether it leaves zeros out. */
  readonly skipsZeros: boolean;
  readonly threads: number;
  readonly batch: number;
  readonly nonZeroMacs: number;
  /** GFLOP/s of non-zero work, two a multiply-accumulate. */
  readonly gflops: number | null;
  /** Of a logit, from what onnxruntime/cpu gives of the same images. */
  readonly maxAbsoluteDifference: number | null;
  /** The same as a share of the largest logit; above 1e-4 a runtime is wrong and has no time. */
  readonly maxRelativeDifference: number | null;
  /** A sentence, where there is something to know. */
  readonly note: string | null;
}

export interface SparseNetworkRow extends TimedRow {
  readonly kind: 'network';
}

export interface SparseChainRow extends TimedRow {
  readonly kind: 'layers';
  /** Of each convolution of the chain. */
  readonly shape: string;
}

/** The rate of the plain loop. */
export interface MulAddRow {
  readonly kind: 'multiply-add loop';
  readonly gflops: number;
  readonly samplesGflops: readonly number[];
}

export type SparseRow = SparseNetworkRow | SparseChainRow | MulAddRow;

export interface Fastest {
  readonly sparse?: SparseNetworkRow | undefined;
  readonly dense?: SparseNetworkRow | undefined;
}

/**
 * The rows with the least time at a batch: of the sparse runtimes, and of the dense one. A noisy time counts like any other, and the document's verdict
 * says that it is noisy: a slower runtime is not the fastest because it was disturbed less.
 */
export function findFastest(rows: readonly SparseNetworkRow[], batch: number): Fastest {
  const timed = rows
    .filter((row) => row.batch === batch && row.medianMs !== null)
    .toSorted((a, b) => (a.medianMs ?? 0) - (b.medianMs ?? 0));
  return {
    sparse: timed.find(({ runtime }) => runtime !== denseRuntime),
    dense: timed.find(({ runtime }) => runtime === denseRuntime),
  };
}

/** A contender's row: its time, or the reason why it has none. */
export function createRow(
  contender: FileMeasured | FileLeftOut,
  {
    batch,
    nonZeroMacs,
    skipsZeros,
    clockResolutionMs,
  }: Pick<TimedRow, 'batch' | 'nonZeroMacs' | 'skipsZeros'> & { readonly clockResolutionMs: number },
): TimedRow {
  const { runtime, threads } = contender;
  const what = { runtime, skipsZeros, threads, batch, nonZeroMacs, note: null };
  if ('reason' in contender) {
    return { ...what, ...toUntimedColumns(contender.reason), gflops: null, maxAbsoluteDifference: null, maxRelativeDifference: null };
  }
  const { blocks, maxAbsoluteDifference, maxRelativeDifference } = contender;
  const timed = toTimedColumns(blocks, { runtime, threads, batch, clockResolutionMs });
  return { ...what, ...timed, gflops: (2 * nonZeroMacs * batch) / timed.medianMs / 1e6, maxAbsoluteDifference, maxRelativeDifference };
}
