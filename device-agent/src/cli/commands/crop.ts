import { UsageError } from '@precrop/sdk/core/errors';
import { formatCount, formatPercent, parseFraction } from '@precrop/sdk/core/units';
import { cropArchitecture } from '@precrop/sdk/crop/apply';
import { writeFile } from '@precrop/sdk/data/write-file';
import { findPrunableLayers, type LayerDensities } from '@precrop/sdk/density/layer-densities';
import { densityMethods, findDensityMethod } from '@precrop/sdk/density/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { readWidths as widthsOf } from '@precrop/sdk/ir/widths';
import type { Command } from 'commander';
import { formatInteger } from '../../report/format.js';
import type { Outcome, Session } from '../command-line.js';
import { loadConditions } from '../conditions.js';
import { type CropSummary, summariseCrop, toGroupRows, toGroupTable, toLayerTable } from '../crop-comparison.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { loadArchitecture } from '../find-model-source.js';
import { parseReal, parseWhole } from '../option-values.js';
import { readWidths, widthsHelp } from '../read-widths.js';
import { wrapText } from '../text-table.js';

interface CropCommandOptions {
  readonly macs?: number;
  readonly params?: number;
  readonly density?: string;
  readonly align: number;
  readonly upperBound: number;
  readonly widths?: string;
  readonly output?: string;
}

const methods = densityMethods.map(({ name }) => name).join(', ');

export function addCrop(program: Command, run: RunAction): void {
  const fraction = (name: string) => (text: string) => parseFraction(text, name);
  const command = program
    .command('crop')
    .argument('<arch>', 'such as resnet-20, or that of a run or model; precrop describe tells what it is made of')
    .summary('choose how far to crop each layer under a budget, before any training')
    .usage('<arch> (--macs 25% | --params 20% | --density 0.3 | --widths 0.5) [options]')
    .addOption(option('Budget (with both, both hold):', '--macs <share>', 'at most this share of the original MACs', fraction('--macs')))
    .addOption(
      option('Budget (with both, both hold):', '--params <share>', 'at most this share of the original parameters', fraction('--params')),
    )
    .addOption(
      option(
        'How:',
        '--density <method>',
        `how the layers share the budget: ${methods}; or one density for all layers, such as 0.3 (default: synexp)`,
      ),
    )
    .addOption(option('How:', '--align <n>', 'widths become multiples of this', parseWhole('--align'), 8))
    .addOption(
      option(
        'How:',
        '--upper-bound <u>',
        'largest density of a layer; above 1 layers may grow',
        parseReal('--upper-bound', { atLeast: 1 }),
        1,
      ),
    )
    .addOption(option('How:', '--widths <widths>', `take these instead of a budget: ${widthsHelp}`))
    .addOption(option('Output:', '-o, --output <file>', 'write the widths to a file that --widths reads'));
  addOutputOptions(command).action((name: string, options: CropCommandOptions) =>
    run('crop', flagsOf(command), (session) => crop(name, options, session)),
  );
}

async function crop(name: string, options: CropCommandOptions, session: Session): Promise<Outcome> {
  const original = await loadArchitecture(name, 'runs', session);
  const cropped = await cropAsAsked(original, options);
  const rows = toGroupRows(original, cropped);
  const summary = summariseCrop(original, cropped);
  const { output } = options;
  if (output !== undefined) await writeCropFile(output, cropped, options, summary);
  return {
    document: async () => ({ conditions: await loadConditions(session), verdict: 'valid', reasons: [], summary, results: rows }),
    text: () =>
      [
        wrapText(toHeadline(summary, options), session.width),
        '',
        toGroupTable(rows, session.width),
        '',
        toLayerTable(original, cropped, session.width),
        '',
        wrapText(toNextStep(name, output), session.width),
      ].join('\n'),
  };
}

/** @throws UsageError where nothing says how far to crop, or two things do; BudgetError where the budget cannot be met. */
async function cropAsAsked(original: Architecture, options: CropCommandOptions): Promise<Architecture> {
  const { macs, params, density = 'synexp', align, upperBound, widths } = options;
  const hasBudget = macs !== undefined || params !== undefined;
  if (widths !== undefined) {
    if (hasBudget || options.density !== undefined) throw new UsageError('Give either --widths or a budget with --density, not both.');
    return readWidths(widths, original, align);
  }
  const densities = parseDensity(density, original, upperBound);
  if (typeof densities === 'string' && !hasBudget) {
    throw new UsageError(
      'There is no budget. Give --macs 25%, --params 20% or both; or one density for all layers, such as --density 0.3.',
    );
  }
  const budget = hasBudget ? { macs, params } : undefined;
  return cropArchitecture(original, { density: densities, budget, align, upperBound }).architecture;
}

/** A method's name, or the same density for every layer. */
function parseDensity(text: string, architecture: Architecture, upperBound: number): string | LayerDensities {
  const match = /^\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*(%?)\s*$/i.exec(text);
  if (!match) return findDensityMethod(text).name;
  const density = Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!(density > 0 && density <= upperBound)) {
    const most = upperBound === 1 ? '1, which keeps all weights' : `${upperBound}, the upper bound`;
    throw new UsageError(`--density is "${text}", but must be above 0 and at most ${most}; or a method: ${methods}.`);
  }
  return new Map(findPrunableLayers(architecture).map(({ id }) => [id, density]));
}

function toHeadline(
  { architecture, params, macs, paramsRatio, macsRatio }: CropSummary,
  { density = 'synexp', widths }: CropCommandOptions,
): string {
  const how = widths === undefined ? `density ${density}` : `widths ${widths}`;
  const counts = [
    `${formatPercent(paramsRatio)} of the parameters (${formatInteger(params)})`,
    `${formatPercent(macsRatio)} of the MACs (${formatCount(macs)})`,
  ];
  return `${architecture}, ${how}: ${counts.join(', ')}`;
}

function toNextStep(name: string, output: string | undefined): string {
  return output === undefined
    ? `Write it to a file with -o crop.json, then train it: precrop train --arch ${name} --widths crop.json`
    : `Written to ${output}. Train it with: precrop train --arch ${name} --widths ${output}`;
}

async function writeCropFile(
  path: string,
  cropped: Architecture,
  { density, macs, params, align, upperBound, widths }: CropCommandOptions,
  summary: CropSummary,
): Promise<void> {
  const file = {
    schemaVersion: 1,
    kind: 'crop',
    ...summary,
    widths: Object.fromEntries(widthsOf(cropped)),
    asked: widths === undefined ? { density: density ?? 'synexp', macs, params, align, upperBound } : { widths, align },
  };
  await writeFile(path, [`${JSON.stringify(file, null, 2)}\n`]);
}
