import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFile } from '@precrop/sdk/data/write-file';
import type { TrainingResult } from '../jobs/training-run.js';
import { type Cell, nameCell } from './granularity-cells.js';

/** What one training came to. */
export interface CellResult extends Omit<TrainingResult, 'densities'> {
  readonly cell: Cell;
  readonly startedAt: string;
  readonly threads: number;
  /** Shares of the original's prunable weights and MACs; zeros are not counted. */
  readonly kept: { readonly weights: number; readonly macs: number };
  /** Share of each layer's weights that a mask kept; empty where there was none. */
  readonly densities: Readonly<Record<string, number>>;
}

/** The result of a cell in the experiment's folder, or undefined where it has not been trained yet. */
export async function readCellResult(folder: string, cell: Cell): Promise<CellResult | undefined> {
  const text = await readFile(pathOf(folder, cell), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as CellResult);
}

export async function saveCellResult(folder: string, result: CellResult): Promise<void> {
  await writeFile(pathOf(folder, result.cell), [`${JSON.stringify(result, null, 2)}\n`]);
}

function pathOf(folder: string, cell: Cell): string {
  return join(folder, 'runs', `${nameCell(cell)}.json`);
}
