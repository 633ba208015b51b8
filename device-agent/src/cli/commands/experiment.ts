import { UsageError } from '@precrop/sdk/core/errors';
import { datasetNames } from '@precrop/sdk/data/registry';
import { maskSources } from '@precrop/sdk/saliency/find-masks';
import type { Command } from 'commander';
import { realisations } from '../../experiment/granularity-cells.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { parseChoice, parseChoices, parseFractions, parseWhole } from '../option-values.js';
import { addRecipeOptions } from '../recipe-options.js';
import { type ExperimentOptions, runExperiment } from '../run-experiment.js';

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
    .addOption(option(where, '-o, --output <dir>', 'folder of the results: what it holds is not trained again', undefined, 'granularity'))
    .addOption(
      option(where, '--report-only', 'train nothing: make the report of what the folder holds').conflicts(
        command.options.filter(({ long }) => long !== '--output').map((each) => each.attributeName()),
      ),
    );
  // Trainings have the seeds 0, 1, …: which ones is no choice, how many is.
  command.options.find(({ long }) => long === '--seed')?.hideHelp();
  addOutputOptions(command).action((options: ExperimentOptions) =>
    run('experiment granularity', flagsOf(command), async (session) => {
      if (command.getOptionValueSource('seed') === 'cli') {
        throw new UsageError('--seed has no place here: the trainings of each kind have the seeds 0, 1, … Say how many with --seeds.');
      }
      return runExperiment(options, session);
    }),
  );
}
