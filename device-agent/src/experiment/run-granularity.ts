import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import { PreCropError } from '@precrop/sdk/core/errors';
import { type CellResult, readCellResult, saveCellResult } from './cell-result.js';
import { keepAxes, keepSetting } from './experiment-setting.js';
import { type Cell, type GranularityAxes, nameCell, toCells } from './granularity-cells.js';
import { type CellSetting, runCell } from './run-cell.js';

export interface GranularityExperiment extends GranularityAxes {
  readonly setting: CellSetting;
  /** Holds `setting.json` and a file a training; what is there already is not done again. */
  readonly folder: string;
  /** Trainings at a time, each in its own process. */
  readonly jobs: number;
}

/** Where trainings show what they do. */
export interface GranularityContexts {
  readonly general: RunContext;
  /** One for each training at a time. */
  readonly jobs: readonly RunContext[];
}

export interface FailedCell {
  readonly cell: Cell;
  readonly error: PreCropError;
}

export interface GranularityRun {
  readonly results: readonly CellResult[];
  /** Trainings that came to nothing; the others went on. */
  readonly failures: readonly FailedCell[];
}

/** One training that failed need not be the end of the others, unless they would fail alike. */
const passing: readonly PreCropError['code'][] = ['failed', 'backend-unavailable', 'training-failed'];

/**
 * Trains every cell that the folder has no result of.
 * @throws UsageError where the folder holds an experiment with another setting; CancelledError, DataError, StorageError: what is done is kept.
 */
export async function runGranularity(
  experiment: GranularityExperiment,
  contexts: GranularityContexts,
  train: typeof runCell = runCell,
): Promise<GranularityRun> {
  const { setting, folder } = experiment;
  await keepSetting(folder, setting);
  const cells = toCells(experiment);
  const known = await Promise.all(cells.map((cell) => readCellResult(folder, cell)));
  await keepAxes(folder, experiment);
  const results = known.filter((result) => result !== undefined);
  const waiting = cells.filter((_, index) => known[index] === undefined);
  const failures: FailedCell[] = [];
  let fatal: unknown;
  const tellDone = (): void =>
    contexts.general.emit({ type: 'progress', name: 'trainings', done: results.length, total: cells.length, unit: 'items' });

  async function work(context: RunContext): Promise<void> {
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
      context.emit({ type: 'phase', name: 'cell', message: nameCell(cell) });
      try {
        throwIfCancelled(context);
        const result = await train(cell, setting, context);
        await saveCellResult(folder, result);
        results.push(result);
        tellDone();
      } catch (error) {
        if (error instanceof PreCropError && passing.includes(error.code)) failures.push({ cell, error });
        else {
          fatal ??= error;
          waiting.length = 0; // the others end what they train
        }
      }
    }
    context.emit({ type: 'phase', name: 'cell', message: 'done' });
  }
  tellDone();
  await Promise.all(contexts.jobs.map(work));
  if (fatal !== undefined) throw fatal;
  return { results, failures };
}
