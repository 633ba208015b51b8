import { join } from 'node:path';
import type { RunContext } from '@precrop/sdk/core/context';
import { fromScores } from '@precrop/sdk/crop/from-scores';
import { countKept, findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import type { Recipe } from '@precrop/sdk/train/recipe';
import type { MaskChoice } from '../jobs/mask-choice.js';
import { type DatasetChoice, nameRun, type TrainingDescription } from '../jobs/training-description.js';
import { startTrainingRun } from '../jobs/training-run.js';
import { startWorker } from '../worker/start-worker.js';
import type { CellResult } from './cell-result.js';
import type { Cell } from './granularity-cells.js';

/** What all trainings of an experiment share; the seed of the recipe is the cell's. */
export interface CellSetting {
  readonly architecture: Architecture;
  readonly dataset: DatasetChoice;
  readonly recipe: Recipe;
  readonly backend: string;
  /** Widths of crops are multiples of this. */
  readonly align: number;
  readonly runsDirectory: string;
  /** Threads a training. */
  readonly threads: number;
}

/** Trains one cell in a process of its own, or goes on with it. */
export async function runCell(cell: Cell, setting: CellSetting, context: RunContext): Promise<CellResult> {
  const description = await describe(cell, setting, context);
  const { threads, runsDirectory } = setting;
  const startedAt = new Date().toISOString();
  const { densities = {}, ...result } = await oneAtATime(join(runsDirectory, nameRun(description)), async () => {
    const run = await startTrainingRun(description, runsDirectory, context, { threads });
    return run.trainAll().finally(run.close);
  });
  return { cell, startedAt, threads, kept: countKeptBy(description, setting.architecture, densities), densities, ...result };
}

const underWay = new Map<string, Promise<unknown>>();

/** Two sources may lead to one crop: who comes second finds it trained, and does not train in the same folder beside the first. */
async function oneAtATime<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = underWay.get(folder) ?? Promise.resolve();
  const mine = before.catch(() => {}).then(work);
  underWay.set(folder, mine);
  try {
    return await mine;
  } finally {
    if (underWay.get(folder) === mine) underWay.delete(folder);
  }
}

async function describe(cell: Cell, setting: CellSetting, context: RunContext): Promise<TrainingDescription> {
  const { architecture, dataset, backend, align } = setting;
  const recipe = { ...setting.recipe, seed: cell.seed };
  const original: TrainingDescription = { kind: 'train', architecture, dataset, recipe, backend };
  const { source, density, realisation } = cell;
  if (source === undefined || realisation === 'original') return original;
  const scored: MaskChoice = { source, density, granularity: 'unstructured', redraw: false };
  if (realisation === 'redrawn') return { ...original, mask: { ...scored, redraw: true } };
  if (realisation !== 'crop') return { ...original, mask: { ...scored, granularity: realisation } };
  const worker = await startWorker(
    'densities',
    { architecture, dataset, backend, mask: scored, seed: cell.seed },
    { context, threads: setting.threads },
  );
  try {
    const crop = fromScores(architecture, await worker.call('densities'), { align });
    return { ...original, architecture: crop.architecture };
  } finally {
    await worker.close();
  }
}

/** Shares of the original's prunable weights and MACs that the trained network has, zeros not counted. */
function countKeptBy(
  { architecture }: TrainingDescription,
  original: Architecture,
  densities: Readonly<Record<string, number>>,
): CellResult['kept'] {
  const masked = countKept(findPrunableLayers(architecture), new Map(Object.entries(densities)));
  const [before, after] = [original, architecture].map(countArchitecture) as [
    ReturnType<typeof countArchitecture>,
    ReturnType<typeof countArchitecture>,
  ];
  return { weights: (masked.params * after.prunable) / before.prunable, macs: (masked.macs * after.macs) / before.macs };
}
