import type { Weights } from '../backends/backend.js';
import { TrainingError } from '../core/errors.js';
import type { EpochRecord } from '../core/events.js';
import type { Metrics } from './metrics.js';
import { loadWeightsFile, saveWeightsFile } from './weights-file.js';

/** Where a run stands: enough to go on with the same bits. Randomness is fixed by seed, epoch and step. */
export interface TrainingState {
  /** Hash of what the run was asked to do; a checkpoint serves that run alone. */
  readonly description: string;
  readonly seed: number;
  /** Epoch and step that come next, from 0. */
  readonly epoch: number;
  readonly step: number;
  /** Sums of the epoch that was begun. */
  readonly metrics: Metrics;
  /** Milliseconds that the begun epoch has trained. */
  readonly trainedMs: number;
  readonly records: readonly EpochRecord[];
}

export interface Checkpoint {
  readonly state: TrainingState;
  /** All variables: weights, batch norm's moving averages, optimizer slots. */
  readonly weights: Weights;
}

/** @throws StorageError when it cannot be written. */
export async function saveCheckpoint(path: string, { state, weights }: Checkpoint): Promise<void> {
  await saveWeightsFile(path, { header: { state }, weights });
}

/** The checkpoint at `path`, or undefined where there is none. @throws TrainingError for a damaged file. */
export async function loadCheckpoint(path: string): Promise<Checkpoint | undefined> {
  const file = await loadWeightsFile(
    path,
    (reason) => new TrainingError(`The checkpoint ${path} is damaged: ${reason}. Delete it to begin the run anew.`),
  );
  return file && { state: file.header['state'] as TrainingState, weights: file.weights };
}
