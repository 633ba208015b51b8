import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import { UsageError } from '@precrop/sdk/core/errors';
import { hashOf } from '@precrop/sdk/core/hash';
import { writeFile } from '@precrop/sdk/data/write-file';
import { type CellResult, readCellResult, saveCellResult } from './cell-result.js';
import { type GranularityAxes, nameCell, toCells } from './granularity-cells.js';
import { type CellSetting, runCell } from './run-cell.js';

export interface GranularityExperiment extends GranularityAxes {
  readonly setting: CellSetting;
  /** Holds `setting.json` and a file a training; what is there already is not done again. */
  readonly folder: string;
  /** Trainings at a time, each in its own process. */
  readonly jobs: number;
}

/**
 * Trains every cell that the folder has no result of.
 * @throws UsageError where the folder holds an experiment with another setting; CancelledError: what is done is kept.
 */
export async function runGranularity(experiment: GranularityExperiment, context: RunContext): Promise<readonly CellResult[]> {
  const { setting, folder, jobs } = experiment;
  await keepSetting(folder, setting);
  const cells = toCells(experiment);
  const results: CellResult[] = [];
  const waiting = [...cells.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, cell] = next;
      throwIfCancelled(context);
      const known = await readCellResult(folder, cell);
      context.emit({ type: 'phase', name: nameCell(cell), message: known ? 'done before' : `${index + 1} of ${cells.length}` });
      const result = known ?? (await runCell(cell, setting, context));
      if (!known) await saveCellResult(folder, result);
      results[index] = result;
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return results;
}

/** Results of different recipes must not meet in one table. */
async function keepSetting(folder: string, { architecture, dataset, recipe, backend, align }: CellSetting): Promise<void> {
  const path = join(folder, 'setting.json');
  const setting = {
    schemaVersion: 1,
    kind: 'granularity',
    architecture: architecture.name,
    dataset,
    recipe: { ...recipe, seed: undefined },
    backend,
    align,
  };
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return writeFile(path, [`${JSON.stringify(setting, null, 2)}\n`]);
  if (hashOf(JSON.parse(text)) === hashOf(JSON.parse(JSON.stringify(setting)))) return;
  throw new UsageError(
    `${folder} holds an experiment with another architecture, data set, recipe, backend or alignment. Choose another folder with --output.`,
  );
}
