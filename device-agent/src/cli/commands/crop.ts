import { UsageError } from '@precrop/sdk/core/errors';
import { formatCount, formatPercent, parseFraction } from '@precrop/sdk/core/units';
import { cropArchitecture } from '@precrop/sdk/crop/apply';
import { fromScores } from '@precrop/sdk/crop/from-scores';
import { datasetNames } from '@precrop/sdk/data/registry';
import { writeFile } from '@precrop/sdk/data/write-file';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import { densityMethods } from '@precrop/sdk/density/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { readWidths as widthsOf } from '@precrop/sdk/ir/widths';
import { maskSources } from '@precrop/sdk/saliency/find-masks';
import { criteria } from '@precrop/sdk/saliency/registry';
import type { Command } from 'commander';
import { loadHost } from '../../host/host.js';
import { formatInteger } from '../../report/format.js';
import type { Outcome, Session } from '../command-line.js';
import { loadConditions, toConditions, toLibraryVersion } from '../conditions.js';
import { type CropSummary, summariseCrop, toGroupRows, toGroupTable, toLayerTable } from '../crop-comparison.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { loadArchitecture } from '../find-model-source.js';
import { parseChoice, parseReal, parseWhole } from '../option-values.js';
import { readWidths, widthsHelp } from '../read-widths.js';
import { type Scored, scoreDensities } from '../score-densities.js';
import { wrapText } from '../text-table.js';

interface CropCommandOptions {
  readonly macs?: number;
  readonly params?: number;
  readonly density?: string;
  readonly align: number;
  readonly upperBound: number;
  readonly widths?: string;
  readonly data?: string;
  readonly seed: number;
  readonly output?: string;
}

const namesOf = (all: readonly { readonly name: string }[]): string => all.map(({ name }) => name).join(', ');
const methods = namesOf(densityMethods);
const scoring = 'Criteria, which score an untrained network:';

/** Share of the weights that a criterion keeps where no budget says it: at which the literature compares them. */
const usualShare = 0.1;

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
        `how the layers share the budget: ${methods}; as a criterion would, at --params 10% where no budget is given: ${namesOf(criteria)}; or one density for all layers, such as 0.3 (default: synexp)`,
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
    .addOption(
      option(
        scoring,
        '--data <name>',
        `images, for those that look at them: ${datasetNames.join(', ')}`,
        parseChoice('--data', ['auto', ...datasetNames]),
      ),
    )
    .addOption(option(scoring, '--seed <n>', 'of the first weights, and of the images', parseWhole('--seed', 0), 0))
    .addOption(option('Output:', '-o, --output <file>', 'write the widths to a file that --widths reads'));
  addOutputOptions(command).action((name: string, options: CropCommandOptions) =>
    run('crop', flagsOf(command), (session) => crop(name, options, session)),
  );
}

async function crop(name: string, options: CropCommandOptions, session: Session): Promise<Outcome> {
  const original = await loadArchitecture(name, 'runs', session);
  const { architecture: cropped, scored } = await cropAsAsked(original, options, session);
  const rows = toGroupRows(original, cropped);
  const summary = summariseCrop(original, cropped);
  const { output } = options;
  if (output !== undefined) await writeCropFile(output, cropped, options, summary, scored);
  return {
    document: async () => ({
      conditions: await loadCropConditions(scored, session),
      verdict: 'valid',
      reasons: [],
      summary: { ...summary, ...(scored && summariseScores(scored)) },
      results: rows,
    }),
    text: () =>
      [
        wrapText(toHeadline(summary, options), session.width),
        ...(scored ? toScoreLines(scored, options).map((line) => wrapText(line, session.width)) : []),
        '',
        toGroupTable(rows, session.width),
        '',
        toLayerTable(original, cropped, session.width),
        '',
        wrapText(toNextStep(name, output), session.width),
      ].join('\n'),
  };
}

interface Cropped {
  readonly architecture: Architecture;
  /** What a criterion came to, where one was asked. */
  readonly scored?: Scored;
}

/** @throws UsageError where nothing says how far to crop, or two things do; BudgetError where the budget cannot be met. */
async function cropAsAsked(original: Architecture, options: CropCommandOptions, session: Session): Promise<Cropped> {
  const { macs, params, density = 'synexp', align, upperBound, widths, data, seed } = options;
  const hasBudget = macs !== undefined || params !== undefined;
  if (widths !== undefined) {
    if (hasBudget || options.density !== undefined) throw new UsageError('Give either --widths or a budget with --density, not both.');
    return { architecture: await readWidths(widths, original, align) };
  }
  const budget = hasBudget ? { macs, params } : undefined;
  const how = { budget, align, upperBound };
  const share = parseDensity(density, upperBound);
  if (share !== undefined) {
    const densities = new Map(findPrunableLayers(original).map(({ id }) => [id, share]));
    return { architecture: cropArchitecture(original, { ...how, density: densities }).architecture };
  }
  if (criteria.some((criterion) => criterion.name === density)) {
    if (params === undefined && macs !== undefined) {
      throw new UsageError(
        `${density} chooses a share of the weights: give it with --params 10%. --macs beside it holds the MACs as well, but does not say how many weights to choose.`,
      );
    }
    const kept = params ?? usualShare;
    const scored = await scoreDensities(original, { source: density, density: kept, data, seed }, session);
    const architecture = fromScores(original, scored.report.densities, { ...how, budget: { macs, params: kept } }).architecture;
    return { architecture, scored };
  }
  if (!hasBudget) {
    throw new UsageError(
      'There is no budget. Give --macs 25%, --params 20% or both; or one density for all layers, such as --density 0.3.',
    );
  }
  return { architecture: cropArchitecture(original, { ...how, density }).architecture };
}

/** One density for every layer, or undefined for what is a method's or a criterion's name. @throws UsageError for neither. */
function parseDensity(text: string, upperBound: number): number | undefined {
  const match = /^\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*(%?)\s*$/i.exec(text);
  if (!match) {
    parseChoice('--density', maskSources)(text);
    return undefined;
  }
  const density = Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (density > 0 && density <= upperBound) return density;
  const most = upperBound === 1 ? '1, which keeps all weights' : `${upperBound}, the upper bound`;
  throw new UsageError(`--density is "${text}", but must be above 0 and at most ${most}; or a method: ${methods}.`);
}

async function loadCropConditions(scored: Scored | undefined, session: Session): ReturnType<typeof loadConditions> {
  if (!scored) return loadConditions(session);
  const { asked, used, version } = scored.backend;
  const [library = used] = version.split(' ');
  return toConditions(await loadHost(), session, {
    runtime: asked,
    runtimeUsed: used,
    versions: toLibraryVersion(library.toLowerCase(), version),
  });
}

function summariseScores({ report, data }: Scored): Readonly<Record<string, number | string>> {
  return {
    maskDensity: report.density,
    effectiveDensity: report.effectiveDensity,
    collapsedLayers: report.collapsed.join(', '),
    ...(data === undefined ? {} : { data }),
  };
}

/** What the criterion would do to the weights: the crop takes its layer densities alone. */
function toScoreLines({ report, data }: Scored, { density: source, seed }: CropCommandOptions): readonly string[] {
  const seen = data === undefined ? '' : ` and images of ${data}`;
  const { collapsed } = report;
  const raised =
    collapsed.length === 0
      ? []
      : [`Nothing would be left of ${collapsed.join(', ')}: counted as one weight each, for a crop cannot take a layer away.`];
  return [
    `${source} scored the first weights of seed ${seed}${seen}. As a mask it would keep ${formatPercent(report.density)} of the weights, effective density ${formatPercent(report.effectiveDensity)}.`,
    ...raised,
  ];
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
  { density, macs, params, align, upperBound, widths, seed }: CropCommandOptions,
  summary: CropSummary,
  scored: Scored | undefined,
): Promise<void> {
  const scoring = scored && { seed, data: scored.data, densities: Object.fromEntries(scored.report.densities) };
  const file = {
    schemaVersion: 1,
    kind: 'crop',
    ...summary,
    widths: Object.fromEntries(widthsOf(cropped)),
    asked: widths === undefined ? { density: density ?? 'synexp', macs, params, align, upperBound, ...scoring } : { widths, align },
  };
  await writeFile(path, [`${JSON.stringify(file, null, 2)}\n`]);
}
