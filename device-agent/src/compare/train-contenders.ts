import { basename } from 'node:path';
import { throwIfCancelled } from '@precrop/sdk/core/context';
import { formatPercent } from '@precrop/sdk/core/units';
import type { Recipe } from '@precrop/sdk/train/recipe';
import type { DatasetChoice, TrainingDescription } from '../jobs/training-description.js';
import { startTrainingRun, type TrainingResult } from '../jobs/training-run.js';
import type { ComparedTraining } from '../report/compare/comparison.js';
import type { Contender } from './contender.js';
import { nameContender } from './name-contender.js';
import type { Stages } from './stages.js';

export interface TrainingSetting {
  readonly dataset: DatasetChoice;
  /** Its seed is each training's own. */
  readonly recipe: Recipe;
  readonly seeds: readonly number[];
  readonly backend: string;
  readonly runsDirectory: string;
}

/**
 * Trains every contender by every seed, one after the other, each in its own process: all of a seed before the next, so that what is done at
 * any time compares like with like. What an earlier launch has done is not done again. Gives each contender's trainings by its id.
 * @throws what a training throws; CancelledError: what is done is kept.
 */
export async function trainContenders(
  contenders: readonly Contender[],
  { dataset, recipe, seeds, backend, runsDirectory }: TrainingSetting,
  stages: Stages,
): Promise<ReadonlyMap<string, readonly ComparedTraining[]>> {
  const trainings = new Map(contenders.map(({ id }): [string, ComparedTraining[]] => [id, []]));
  const all = seeds.flatMap((seed) => contenders.map((contender) => ({ seed, contender })));
  for (const [index, { seed, contender }] of all.entries()) {
    throwIfCancelled(stages.context);
    const { architecture, mask, id } = contender;
    const description: TrainingDescription = {
      kind: 'train',
      architecture,
      dataset,
      recipe: { ...recipe, seed },
      backend,
      ...(mask ? { mask } : {}),
    };
    const title = `${index + 1} of ${all.length}  ${nameContender(contender)}, seed ${seed}`;
    const training = await stages.run(
      { title, epochs: recipe.epochs },
      async (context) => {
        const run = await startTrainingRun(description, runsDirectory, context);
        try {
          return toTraining(seed, basename(run.folder.path), await run.trainAll());
        } finally {
          await run.close();
        }
      },
      ({ accuracy }) => `test ${formatPercent(accuracy)}`,
    );
    trainings.get(id)?.push(training);
  }
  return trainings;
}

function toTraining(seed: number, run: string, result: TrainingResult): ComparedTraining {
  const { accuracy, records: epochs, peakRssBytes, baselineRssBytes } = result;
  return { seed, run, accuracy, epochs, peakRssBytes, baselineRssBytes };
}
