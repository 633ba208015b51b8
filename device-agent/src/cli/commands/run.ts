import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfCancelled } from '@precrop/sdk/core/context';
import { ModelFileError, PreCropError, UsageError } from '@precrop/sdk/core/errors';
import { formatBytes, formatPercent } from '@precrop/sdk/core/units';
import type { RankedClass } from '@precrop/sdk/runtimes/rank-classes';
import type { Command } from 'commander';
import { loadHost } from '../../host/host.js';
import type { InferenceFacts } from '../../jobs/inference-service.js';
import { isModelFolder } from '../../store/model-folder.js';
import { startWorker } from '../../worker/start-worker.js';
import type { DocumentBody, Outcome, Session } from '../command-line.js';
import { toConditions, toLibraryVersion } from '../conditions.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { parseWhole } from '../option-values.js';
import { toTextTable, wrapText } from '../text-table.js';

interface RunOptions {
  readonly image: readonly string[];
  readonly runtime: string;
  readonly threads?: number;
  readonly top: number;
}

interface ImageResult {
  readonly image: string;
  /** The likeliest first. */
  readonly classes: readonly RankedClass[];
}

interface Classified {
  readonly facts: InferenceFacts;
  readonly results: readonly ImageResult[];
}

const how = 'How:';

export function addRun(program: Command, run: RunAction): void {
  const command = program
    .command('run')
    .argument('<model>', 'an .onnx or .tflite file, or the folder of a saved-model or tfjs model: what precrop export writes')
    .summary('tell what is in pictures, with an exported model, on the fastest runtime of this machine')
    .usage('<model> --image <file...> [options]')
    .addOption(option('Pictures:', '--image <file...>', 'PNG, JPEG or WebP files').makeOptionMandatory())
    .addOption(
      option(how, '--runtime <name>', 'onnxruntime, tensorflow, tflite, tfjs, …; auto is the fastest for the file', undefined, 'auto'),
    )
    .addOption(option(how, '--threads <n>', 'threads of the runtime (default: its own choice)', parseWhole('--threads')))
    .addOption(option(how, '--top <n>', 'classes to show', parseWhole('--top'), 5));
  addOutputOptions(command).action((model: string, options: RunOptions) =>
    run('run', flagsOf(command), (session) => runModel(model, options, session)),
  );
}

async function runModel(path: string, options: RunOptions, session: Session): Promise<Outcome> {
  await requireExported(path);
  const done = await classify(path, options, session);
  return {
    document: () => toDocument(path, options, done, session),
    text: () => toText(path, done, session.width),
  };
}

async function classify(path: string, { image: images, runtime, threads, top }: RunOptions, { context }: Session): Promise<Classified> {
  try {
    const worker = await startWorker('inference', { path, runtime, threads }, { context, ...(threads === undefined ? {} : { threads }) });
    try {
      const facts = await worker.call('facts');
      const results: ImageResult[] = [];
      for (const image of images) {
        throwIfCancelled(context);
        results.push({ image, classes: await worker.call('classify', { image, top }) });
      }
      return { facts, results };
    } finally {
      worker.kill(); // it keeps nothing
    }
  } catch (error) {
    const { exitCode, signal } = error instanceof PreCropError ? error.details : {};
    const isCrash = signal !== undefined && exitCode !== undefined;
    if (!isCrash) throw error;
    throw new ModelFileError(
      `${path} ended the process that ran it (${signal ? `signal ${signal}` : `exit code ${exitCode}`}): the file is damaged, or the runtime cannot bear it. Export it anew, or try another --runtime.`,
      { cause: error, details: { path, exitCode, signal } },
    );
  }
}

/** @throws UsageError for a model that has to be exported first. */
async function requireExported(path: string): Promise<void> {
  const found = await Promise.all(
    [path, join('runs', path)].map((folder) => stat(join(folder, 'description.json')).catch(() => undefined)),
  );
  const isRun = found.some((description) => description !== undefined);
  if (!isRun && !(await isModelFolder(path))) return;
  throw new UsageError(`${path} is ${isRun ? 'a training run' : 'an imported model'}. Export it first: precrop export ${path} --to onnx`);
}

async function toDocument(path: string, { runtime }: RunOptions, { facts, results }: Classified, session: Session): Promise<DocumentBody> {
  const { format, bytes, classes, description, version, threads } = facts;
  return {
    conditions: toConditions(await loadHost(), session, {
      runtime,
      runtimeUsed: facts.runtime,
      threads,
      batch: 1,
      versions: toLibraryVersion(facts.runtime, version),
    }),
    verdict: 'valid',
    reasons: [],
    summary: { path, format, bytes, model: description?.name ?? null, classes, images: results.length },
    results,
  };
}

function toText(path: string, { facts, results }: Classified, width: number): string {
  const { runtime, threads, description, bytes, input } = facts;
  const name = description ? `${description.name}, ` : '';
  const title = `${path}: ${name}${formatBytes(bytes)}, images ${input.join('x')}, in ${runtime} with ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  const parts = results.flatMap(({ image, classes }) => ['', image, toClassTable(classes, width)]);
  const note = describeGaps(facts);
  return [wrapText(title, width), ...parts, ...(note === '' ? [] : ['', wrapText(note, width)])].join('\n');
}

/** What the file does not say, and what was done instead. */
function describeGaps({ description }: InferenceFacts): string {
  if (!description)
    return 'The file does not say how images are normalised nor what its classes are called: pixels were fed in 0…1, and classes have numbers.';
  return description.classNames ? '' : 'The file does not say what its classes are called: they have numbers.';
}

const barWidth = 30;

function toClassTable(classes: readonly RankedClass[], width: number): string {
  const rows = classes.map(({ name, probability }) => [`  ${name}`, formatPercent(probability), toBar(probability)]);
  const table = toTextTable([{ title: '', least: 12 }, { title: '', align: 'right' }, { title: '' }], rows, width);
  return table.split('\n').slice(2).join('\n');
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of up to 30 characters, in eighths of one. */
function toBar(share: number): string {
  const parts = Math.round(share * barWidth * eighths.length) || 0;
  return '█'.repeat(Math.floor(parts / eighths.length)) + (eighths[parts % eighths.length] ?? '');
}
