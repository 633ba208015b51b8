import { parseFraction } from '@precrop/sdk/core/units';
import { datasetNames } from '@precrop/sdk/data/registry';
import { maskSources } from '@precrop/sdk/saliency/find-masks';
import type { Command } from 'commander';
import type { CompareCommandOptions } from '../compare-options.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { parseChoice, parseChoices, parseWhole, parseWholes } from '../option-values.js';
import { addRecipeOptions } from '../recipe-options.js';

const what = 'What to compare:';
const timing = 'Timing:';
const where = 'Where:';

export function addCompare(program: Command, run: RunAction): void {
  const sources = maskSources.join(', ');
  const command = program
    .command('compare')
    .summary('train and time original, crops and sparse networks on this device: accuracy and every cost; Ctrl-C keeps finished trainings')
    .addOption(option(what, '--arch <arch>', 'such as resnet-20 or vgg-11', undefined, 'resnet-20'))
    .addOption(
      option(what, '--density <share>', 'share of the weights that sparse networks keep', (text) => parseFraction(text, '--density'), 0.1),
    )
    .addOption(
      option(what, '--crops <list>', `each at equal parameters and at equal MACs: ${sources}`, parseChoices('--crops', maskSources), [
        'synexp',
        'synflow',
      ]),
    )
    .addOption(
      option(what, '--sparse <list>', 'sparse networks, of the same names', parseChoices('--sparse', maskSources), ['synflow', 'erk']),
    )
    .addOption(option(what, '--seeds <n>', 'trainings of each network', parseWhole('--seeds'), 1))
    .addOption(option(what, '--align <n>', 'widths of crops become multiples of this', parseWhole('--align'), 4))
    .addOption(option(what, '--data <name>', datasetNames.join(', '), parseChoice('--data', datasetNames), 'cifar10'))
    .addOption(
      option(what, '--train-images <n>', 'a seeded, balanced part of the training images (default: all)', parseWhole('--train-images')),
    )
    .addOption(option(what, '--test-images <n>', 'the same of the test images (default: all)', parseWhole('--test-images')))
    .addOption(option(timing, '--batch <list>', 'images of a call; the first is the summary’s', parseWholes('--batch'), [1, 8, 128]))
    .addOption(option(timing, '--runtime <list>', 'all, or some: each network is timed in the fastest of them', undefined, 'all'))
    .addOption(option(timing, '--limit <s>', 'seconds for the training steps, and for each batch', parseWhole('--limit'), 40));
  addRecipeOptions(command, '--train-batch')
    .addOption(option(where, '--runs <dir>', 'folder of the runs: a training that is done there is not done again', undefined, 'runs'))
    .addOption(option('Output:', '-o, --output <dir>', 'folder of report.html and report.json', undefined, 'comparison'));
  command.addHelpText('after', '\nFor a first look: --epochs 3 --train-images 10000 --test-images 2000');
  addOutputOptions(command).action((options: CompareCommandOptions) =>
    run('compare', flagsOf(command), async (session) => {
      // Charts take a while to load: only where they are drawn.
      const { compare } = await import('../compare.js');
      return compare(options, session);
    }),
  );
}
