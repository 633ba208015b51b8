import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { parseFraction } from '@precrop/sdk/core/units';
import { datasetNames } from '@precrop/sdk/data/registry';
import { defaultRecipe } from '@precrop/sdk/train/recipe';
import type { Command } from 'commander';
import { loadHost } from '../../host/host.js';
import { type DemoOptions, runDemo } from '../../jobs/demo.js';
import { toTextTable } from '../../report/table.js';
import { writeReport } from '../../report/write-report.js';
import { resolveBackend } from '../../setup/probe-backend.js';
import type { Outcome, Session } from '../command-line.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { parseChoice, parseWhole } from '../option-values.js';
import { showDemo } from '../show-demo.js';
import { wrapText } from '../text-table.js';

interface DemoCommandOptions {
  readonly arch: string;
  readonly macs: number;
  readonly data: string;
  readonly full?: boolean;
  readonly epochs?: number;
  readonly seed: number;
  readonly runs: string;
  readonly output: string;
}

/** By default a part of the images, so that it ends within minutes on two cores; in full the recipe of the README's accuracy. */
const short = { epochs: 6, trainImages: 10_000, testImages: 2_000 } as const;

export function addDemo(program: Command, run: RunAction): void {
  const data = ['auto', ...datasetNames];
  const what = 'What to do:';
  const command = program
    .command('demo')
    .summary('crop a network, train it beside the original on this machine, and report what was won')
    .addOption(option(what, '--arch <arch>', 'the network', undefined, 'resnet-20'))
    .addOption(option(what, '--macs <share>', 'crop it to this share of its MACs (default: 25%)', (text) => parseFraction(text, '--macs')))
    .addOption(option(what, '--data <name>', `images: ${data.join(', ')}`, parseChoice('--data', data), 'auto'))
    .addOption(option(what, '--full', `all images and ${defaultRecipe.epochs} epochs: about an hour on two cores`))
    .addOption(option(what, '--epochs <n>', `times that every image is seen (default: ${short.epochs})`, parseWhole('--epochs')))
    .addOption(option(what, '--seed <n>', 'equal seeds give equal runs', parseWhole('--seed', 0), defaultRecipe.seed))
    .addOption(option('Where:', '--runs <dir>', 'folder of the two training runs', undefined, 'runs'))
    .addOption(option('Output:', '-o, --output <dir>', 'folder of report.html and report.json', undefined, 'report'));
  addOutputOptions(command).action((options: DemoCommandOptions) =>
    run('demo', flagsOf(command), (session) => demonstrate(options, session)),
  );
}

async function demonstrate(options: DemoCommandOptions, session: Session): Promise<Outcome> {
  const demo = await toDemoOptions(options, session);
  const show = showDemo(demo.recipe.epochs, session);
  const report = await show.run((contexts) => runDemo(demo, contexts));
  const { htmlPath, jsonPath } = await writeReport(options.output, report);
  return {
    document: () => report as unknown as Awaited<ReturnType<Outcome['document']>>,
    text: () =>
      [
        toTextTable(report),
        '',
        ...report.conclusion.map((sentence) => wrapText(sentence, session.width)),
        '',
        `Report: ${htmlPath} (numbers: ${jsonPath})`,
      ].join('\n'),
  };
}

async function toDemoOptions(options: DemoCommandOptions, { context }: Session): Promise<DemoOptions> {
  const { arch, macs = 0.25, data, full = false, seed, runs } = options;
  const architecture = createArchitecture(arch);
  const [host, { asked, used, version }] = await Promise.all([loadHost(), resolveBackend('auto', context)]);
  const images = full ? {} : { trainImages: short.trainImages, testImages: short.testImages };
  return {
    architecture,
    density: 'synexp',
    budget: { macs },
    align: 8,
    dataset: { name: data, ...images, seed },
    recipe: { ...defaultRecipe, seed, epochs: options.epochs ?? (full ? defaultRecipe.epochs : short.epochs) },
    backend: { asked, used, version },
    runsDirectory: runs,
    host,
  };
}
