import { parseFraction } from '@precrop/sdk/core/units';
import { datasetNames } from '@precrop/sdk/data/registry';
import { defaultRecipe } from '@precrop/sdk/train/recipe';
import type { Command } from 'commander';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { type DemoCommandOptions, shortDemo } from '../demo-options.js';
import { parseChoice, parseWhole } from '../option-values.js';

export function addDemo(program: Command, run: RunAction): void {
  const data = ['auto', ...datasetNames];
  const what = 'What to do:';
  const command = program
    .command('demo')
    .summary('plan a crop that halves latency and memory here, train it beside the original, and report what was won')
    .addOption(option(what, '--arch <arch>', 'the network (default: resnet-20)'))
    .addOption(
      option(what, '--macs <share>', 'crop it to this share of its MACs, instead of a plan by measurement', (text) =>
        parseFraction(text, '--macs'),
      ),
    )
    .addOption(option(what, '--params <share>', 'the same of its parameters', (text) => parseFraction(text, '--params')))
    .addOption(option(what, '--data <name>', `images: ${data.join(', ')}`, parseChoice('--data', data), 'auto'))
    .addOption(option(what, '--full', `all images and ${defaultRecipe.epochs} epochs: about an hour on two cores`))
    .addOption(option(what, '--epochs <n>', `times that every image is seen (default: ${shortDemo.epochs})`, parseWhole('--epochs')))
    .addOption(option(what, '--seed <n>', 'equal seeds give equal runs', parseWhole('--seed', 0), defaultRecipe.seed))
    .addOption(option('Where:', '--runs <dir>', 'folder of the two training runs', undefined, 'runs'))
    .addOption(option('Output:', '-o, --output <dir>', 'folder of report.html and report.json', undefined, 'report'));
  addOutputOptions(command).action((options: DemoCommandOptions) =>
    run('demo', flagsOf(command), async (session) => {
      // Charts take a while to load: only where they are drawn.
      const { demonstrate } = await import('../demonstrate.js');
      return demonstrate(options, session);
    }),
  );
}
