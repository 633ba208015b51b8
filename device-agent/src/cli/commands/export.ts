import { rm, stat } from 'node:fs/promises';
import { ExportError, UsageError } from '@precrop/sdk/core/errors';
import { formatBytes, formatSignificant } from '@precrop/sdk/core/units';
import type { FormatName } from '@precrop/sdk/export/format';
import { type ExportOptions, formatNames } from '@precrop/sdk/export/registry';
import type { Command } from 'commander';
import { loadHost } from '../../host/host.js';
import type { Exported, ModelFacts } from '../../jobs/model-service.js';
import type { ModelSource } from '../../jobs/model-source.js';
import { toFileName } from '../../jobs/training-description.js';
import { checkExport, type ExportCheck } from '../check-export.js';
import type { DocumentBody, Outcome, Session } from '../command-line.js';
import { toConditions, toLibraryVersion } from '../conditions.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { findModelSource, sourceHelp, withModel } from '../find-model-source.js';
import { parseChoice, parseWhole } from '../option-values.js';
import { readPlanHash, readWidths, widthsHelp } from '../read-widths.js';
import { toTextList, wrapText } from '../text-table.js';

interface ExportCommandOptions {
  readonly to: FormatName;
  readonly fold: boolean;
  readonly normalize?: boolean;
  readonly float16?: boolean;
  readonly sparse?: boolean;
  readonly batch?: number;
  readonly licence?: string;
  readonly widths: string;
  readonly align?: number;
  readonly seed: number;
  readonly runs: string;
  readonly output?: string;
  readonly force?: boolean;
}

const file = 'File:';
const untrained = 'An architecture alone, untrained:';
const place = 'Where:';

export function addExport(program: Command, run: RunAction): void {
  const command = program
    .command('export')
    .argument('<model>', sourceHelp)
    .summary('write a model as ONNX, TFLite, SavedModel or tfjs, and check that it computes the same')
    .usage('<run | model | arch> --to <format> [options]')
    .addOption(option(file, '--to <format>', formatNames.join(', '), parseChoice('--to', formatNames)).makeOptionMandatory())
    .addOption(option(file, '--fold', 'fold batch norms into the convolutions before them', undefined, true))
    .addOption(option(file, '--no-fold', 'keep batch norms, as training them further needs them'))
    .addOption(option(file, '--normalize', 'the file takes pixels in 0…1 and normalises them itself'))
    .addOption(option(file, '--float16', 'weights of two bytes (tflite)'))
    .addOption(option(file, '--sparse', 'store only the weights that are not zero, where most are zero (tflite)'))
    .addOption(option(file, '--batch <n>', 'images of a call (tflite; other formats take any number)', parseWhole('--batch')))
    .addOption(option(file, '--licence <id>', 'licence of the weights, such as CC-BY-4.0, for the file to say'))
    .addOption(option(untrained, '--widths <widths>', widthsHelp, undefined, 'original'))
    .addOption(option(untrained, '--align <n>', 'multiple that a width multiplier rounds to (default: 8)', parseWhole('--align')))
    .addOption(option(untrained, '--seed <n>', 'of its random weights', parseWhole('--seed', 0), 0))
    .addOption(
      option(place, '-o, --output <path>', 'the file, or the folder of a saved-model or tfjs model (default: named after the model)'),
    )
    .addOption(option(place, '--force', 'replace what is there'))
    .addOption(option(place, '--runs <dir>', 'folder of the runs', undefined, 'runs'));
  addOutputOptions(command).action((name: string, options: ExportCommandOptions) => {
    const given = ['widths', 'align', 'seed'].filter((each) => command.getOptionValueSource(each) === 'cli');
    return run('export', flagsOf(command), (session) => exportAsAsked(name, options, given, session));
  });
}

async function exportAsAsked(name: string, options: ExportCommandOptions, given: readonly string[], session: Session): Promise<Outcome> {
  const format = options.to;
  if (options.batch !== undefined && format !== 'tflite')
    throw new UsageError(`--batch is for tflite files alone: ${format} files take any number of images.`);
  const source = await toSource(await findModelSource(name, options.runs), name, options, given);
  if (options.output !== undefined) await requireFree(options.output, options);
  return withModel(source, session, async (worker, facts) => {
    const path = options.output ?? toDefaultPath(facts.architecture.name, format);
    await requireFree(path, options);
    const request = { path, format, options: toExportOptions(options), licence: options.licence };
    const exported = await session.progress.run({ title: 'Writing' }, () => worker.call('export', request));
    const check = await session.progress.run({ title: 'Checking' }, () =>
      checkExport(path, options.normalize ?? false, worker, facts, session),
    );
    await requireEqual(check, path, options);
    return describeExport({ path, exported, facts, check, options }, session);
  });
}

/** @throws UsageError for options that only an architecture's name takes. */
async function toSource(source: ModelSource, name: string, options: ExportCommandOptions, given: readonly string[]): Promise<ModelSource> {
  const { widths, align, seed } = options;
  if (source.kind === 'architecture') {
    return { ...source, architecture: await readWidths(widths, source.architecture, align), seed, planHash: await readPlanHash(widths) };
  }
  const [extra] = given;
  if (extra === undefined) return source;
  throw new UsageError(`${name} has its widths and weights: --${extra} is for an architecture's name alone.`);
}

function toExportOptions({ fold, float16 = false, sparse = false, normalize = false, batch }: ExportCommandOptions): ExportOptions {
  return { fold, float16, sparse, bakeNormalization: normalize, ...(batch === undefined ? {} : { batch }) };
}

const extensions: Partial<Record<FormatName, string>> = { onnx: '.onnx', tflite: '.tflite' };

function toDefaultPath(name: string, format: FormatName): string {
  return `${toFileName(name)}${extensions[format] ?? `-${format}`}`;
}

/** @throws UsageError where something is at the path, or its ending is not that of the format. */
async function requireFree(path: string, { to, force = false }: ExportCommandOptions): Promise<void> {
  const extension = extensions[to];
  if (extension !== undefined && !path.toLowerCase().endsWith(extension))
    throw new UsageError(`The output is "${path}", but a file in ${to} ends in ${extension}. Write -o ${path}${extension}.`);
  if (!force && (await stat(path).catch(() => undefined)))
    throw new UsageError(`${path} is there already. Choose another with -o, or replace it with --force.`);
}

/** A file that computes something else is of no use to anyone. @throws ExportError where it does; then it is gone. */
async function requireEqual(check: ExportCheck, path: string, { float16 = false }: ExportCommandOptions): Promise<void> {
  const allowed = float16 ? 0.02 : 1e-3; // of the largest logit
  if (check.status === 'unchecked' || check.maxRelativeDifference <= allowed) return;
  await rm(path, { recursive: true, force: true });
  throw new ExportError(
    `The written file does not compute what its source does: in ${check.runtime} a logit differs by ${check.maxAbsoluteDifference}. It was deleted. Export to another format, and report this as a defect.`,
    { details: { ...check } },
  );
}

interface Export {
  readonly path: string;
  readonly exported: Exported;
  readonly facts: ModelFacts;
  readonly check: ExportCheck;
  readonly options: ExportCommandOptions;
}

function describeExport(done: Export, session: Session): Outcome {
  return { document: () => toDocument(done, session), text: () => toText(done, session.width) };
}

async function toDocument({ path, exported, facts, check, options }: Export, session: Session): Promise<DocumentBody> {
  const isChecked = check.status === 'checked';
  const { bytes, batchNorms, foldedBatchNorms } = exported;
  const ran = isChecked
    ? {
        runtime: 'auto',
        runtimeUsed: check.runtime,
        threads: check.threads,
        batch: check.images,
        versions: toLibraryVersion(check.runtime, check.version),
      }
    : {};
  return {
    conditions: toConditions(await loadHost(), session, ran),
    verdict: 'valid',
    reasons: [],
    summary: {
      path,
      bytes,
      maxAbsoluteDifference: isChecked ? check.maxAbsoluteDifference : null,
      format: options.to,
      architecture: facts.architecture.name,
      batchNorms,
      foldedBatchNorms,
    },
    results: [{ path, origin: facts.origin, options: toExportOptions(options), check }],
  };
}

function toText({ path, exported, facts, check, options }: Export, width: number): string {
  const { architecture, metadata, origin } = facts;
  const { classNames } = metadata;
  const isNormalized = metadata.normalization !== undefined;
  const list = toTextList([
    ['Model', `${architecture.name}, ${origin}`],
    ['Batch norms', describeFolding(exported, options)],
    ['Images', `${architecture.input.join('x')}, ${describePixels(isNormalized, options.normalize ?? false)}`],
    ['Classes', classNames ? `${architecture.classes}: ${shorten(classNames)}` : `${architecture.classes}, without names`],
    ['Check', describeCheck(check)],
  ]);
  const how = [options.to, options.float16 ? 'float16' : 'float32', ...(options.sparse ? ['sparse'] : [])].join(', ');
  return [
    `Written: ${path}, ${formatBytes(exported.bytes)} (${how})`,
    '',
    list,
    ...(check.status === 'unchecked' ? ['', wrapText(check.reason, width)] : []),
    '',
    `Run it: precrop run ${path} --image photo.jpg`,
  ].join('\n');
}

function describeFolding({ batchNorms, foldedBatchNorms }: Exported, { fold }: ExportCommandOptions): string {
  if (batchNorms === 0) return 'none';
  if (!fold) return `${batchNorms}, kept as they are`;
  const left = batchNorms - foldedBatchNorms;
  return `${foldedBatchNorms} of ${batchNorms} folded into the convolutions before them${left > 0 ? `, ${left} kept where none stands before` : ''}`;
}

function describePixels(isNormalized: boolean, isBaked: boolean): string {
  if (!isNormalized) return 'pixels in 0…1 as they are';
  return isBaked ? 'pixels in 0…1, which the file normalises itself' : 'pixels to be normalised as the file says (precrop run does)';
}

function describeCheck(check: ExportCheck): string {
  if (check.status === 'unchecked') return 'not done, see below';
  const images = check.images === 1 ? 'one image' : `${check.images} images`;
  return `${images} of noise in ${check.runtime}: no logit differs by more than ${toPower(check.maxAbsoluteDifference)}`;
}

function toPower(value: number): string {
  return value !== 0 && value < 0.001 ? value.toExponential(1) : formatSignificant(value);
}

function shorten(names: readonly string[]): string {
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')}, … ${names.at(-1)}`;
}
