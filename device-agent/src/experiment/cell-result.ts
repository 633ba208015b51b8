import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@precrop/sdk/core/errors';
import { writeFile } from '@precrop/sdk/data/write-file';
import { z } from 'zod';
import type { TrainingResult } from '../jobs/training-run.js';
import { epochSchema } from '../report/schema.js';
import { type Cell, nameCell, realisations } from './granularity-cells.js';

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

/** The result of a cell in the experiment's folder, or undefined where it has not been trained yet. @throws DataError for a broken file. */
export async function readCellResult(folder: string, cell: Cell): Promise<CellResult | undefined> {
  return readResultFile(folder, `${nameCell(cell)}.json`);
}

/** Every result that the folder holds. @throws DataError for a broken file. */
export async function readAllResults(folder: string): Promise<readonly CellResult[]> {
  const names = await readdir(join(folder, 'runs')).catch(() => []);
  const results = await Promise.all(names.filter((name) => name.endsWith('.json')).map((name) => readResultFile(folder, name)));
  return results.filter((result) => result !== undefined);
}

export async function saveCellResult(folder: string, result: CellResult): Promise<void> {
  await writeFile(join(folder, 'runs', `${nameCell(result.cell)}.json`), [`${JSON.stringify(result, null, 2)}\n`]);
}

const fraction = z.number().min(0).max(1);
const atLeastZero = z.number().nonnegative();
const whole = z.int().nonnegative();

const cell: z.ZodType<Cell> = z
  .object({
    source: z.string().min(1).exactOptional(),
    density: z.number().positive().max(1),
    realisation: z.enum(['original', ...realisations]),
    seed: whole,
  })
  .refine(({ source, realisation }) => (source === undefined) === (realisation === 'original'), 'only the original has no source');

// A crop may come out larger than its original in one of both shares.
const schema: z.ZodType<CellResult> = z
  .object({
    cell,
    startedAt: z.iso.datetime({ offset: true }),
    threads: z.int().positive(),
    kept: z.object({ weights: atLeastZero, macs: atLeastZero }),
    densities: z.record(z.string(), fraction),
    records: z.array(epochSchema).min(1),
    accuracy: fraction,
    loss: atLeastZero,
    seconds: atLeastZero,
    baselineRssBytes: atLeastZero,
    peakRssBytes: atLeastZero,
  })
  .refine(({ records, accuracy }) => records.at(-1)?.testAccuracy === accuracy, 'the accuracy is not that of the last epoch');

async function readResultFile(folder: string, name: string): Promise<CellResult | undefined> {
  const path = join(folder, 'runs', name);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new DataError(`${path} cannot be read: ${error.message}.`, { cause: error });
  });
  if (text === undefined) return undefined;
  const result = parseResult(text, path);
  if (`${nameCell(result.cell)}.json` === name) return result;
  throw new DataError(`${path} holds the result of ${nameCell(result.cell)}. Give it that name, or delete it to train that cell again.`);
}

function parseResult(text: string, path: string): CellResult {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const why = issue ? `${['result', ...issue.path].join('.')}: ${issue.message}` : 'it is no JSON';
    throw new DataError(`${path} is not the result of a training (${why}). Delete it to train that cell again.`, { cause: error });
  }
}
