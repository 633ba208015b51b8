import { availableParallelism } from 'node:os';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { formatPercent } from '@precrop/sdk/core/units';
import { datasetNames } from '@precrop/sdk/data/registry';
import { maskSources } from '@precrop/sdk/saliency/find-masks';
import type { Command } from 'commander';
import type { CellResult } from '../../experiment/cell-result.js';
import { nameCell, type Realisation, realisations } from '../../experiment/granularity-cells.js';
import { runGranularity } from '../../experiment/run-granularity.js';
import { resolveBackend } from '../../setup/probe-backend.js';
import type { Outcome, Session } from '../command-line.js';
import { loadConditions } from '../conditions.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { loadDatasetFacts, requireFit } from '../load-dataset-facts.js';
import { parseChoice, parseChoices, parseFractions, parseWhole } from '../option-values.js';
import { addRecipeOptions, type RecipeOptions, toRecipe } from '../recipe-options.js';
import { toTextTable } from '../text-table.js';

interface ExperimentOptions extends RecipeOptions {
  readonly arch: string;
  readonly density: readonly number[];
  readonly from: readonly string[];
  readonly as: readonly Realisation[];
  readonly seeds: number;
  readonly align: number;
  readonly data: string;
  readonly trainImages?: number;
  readonly testImages?: number;
  readonly jobs: number;
  readonly runs: string;
  readonly output: string;
}

const what = 'What to compare:';
const where = 'Where:';

export function addExperiment(program: Command, run: RunAction): void {
  const experiment = program
    .command('experiment')
    .summary('test the claim behind cropping on your own data: granularity')
    .usage('<command> [options]')
    .helpCommand(false);
  const command = experiment
    .command('granularity')
    .summary('train the same layer densities as zeros, as shuffled zeros and as a crop; Ctrl-C keeps what is done')
    .addOption(option(what, '--arch <arch>', 'such as resnet-20 or vgg-11', undefined, 'resnet-20'))
    .addOption(option(what, '--density <list>', 'shares of the weights that stay', parseFractions('--density'), [0.2, 0.1]))
    .addOption(
      option(what, '--from <list>', `what chooses them: ${maskSources.join(', ')}`, parseChoices('--from', maskSources), [
        'synflow',
        'erk',
        'synexp',
      ]),
    )
    .addOption(option(what, '--as <list>', `how: ${realisations.join(', ')}`, parseChoices('--as', realisations), realisations))
    .addOption(option(what, '--seeds <n>', 'trainings of each kind', parseWhole('--seeds'), 3))
    .addOption(option(what, '--align <n>', 'widths of crops become multiples of this', parseWhole('--align'), 4))
    .addOption(option(what, '--data <name>', datasetNames.join(', '), parseChoice('--data', datasetNames), 'cifar10'))
    .addOption(
      option(what, '--train-images <n>', 'a seeded, balanced part of the training images (default: all)', parseWhole('--train-images')),
    )
    .addOption(option(what, '--test-images <n>', 'the same of the test images (default: all)', parseWhole('--test-images')));
  addRecipeOptions(command)
    .addOption(option(where, '--jobs <n>', 'trainings at a time, which share the cores', parseWhole('--jobs'), 1))
    .addOption(option(where, '--runs <dir>', 'folder of the runs', undefined, 'runs'))
    .addOption(option(where, '-o, --output <dir>', 'folder of the results: what it holds is not trained again', undefined, 'granularity'));
  addOutputOptions(command).action((options: ExperimentOptions) =>
    run('experiment granularity', flagsOf(command), (session) => experimentOn(options, session)),
  );
}

async function experimentOn(options: ExperimentOptions, session: Session): Promise<Outcome> {
  const { density: densities, from: sources, as, seeds, align, jobs, trainImages, testImages } = options;
  const architecture = createArchitecture(options.arch);
  const dataset = { name: options.data, trainImages, testImages, seed: 0 };
  requireFit(architecture, await loadDatasetFacts(dataset, session));
  const { used: backend } = await resolveBackend('auto', session.context);
  const threads = Math.max(1, Math.floor(availableParallelism() / jobs));
  const setting = { architecture, dataset, recipe: toRecipe(options), backend, align, runsDirectory: options.runs, threads };
  const results = await session.progress.run({ title: `${seeds} seeds` }, (emit) =>
    runGranularity({ sources, densities, realisations: as, seeds, setting, folder: options.output, jobs }, { ...session.context, emit }),
  );
  return {
    document: async () => ({ conditions: await loadConditions(session), verdict: 'valid', reasons: [], summary: {}, results }),
    text: () => toTable(results, session.width),
  };
}

function toTable(results: readonly CellResult[], width: number): string {
  return toTextTable(
    [
      { title: 'run', least: 12 },
      { title: 'accuracy', align: 'right' },
    ],
    results.map(({ cell, accuracy }) => [nameCell(cell), formatPercent(accuracy, 2)]),
    width,
  );
}
