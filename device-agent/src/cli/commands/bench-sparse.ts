import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { UsageError } from '@precrop/sdk/core/errors';
import { datasetNames } from '@precrop/sdk/data/registry';
import { maskSources } from '@precrop/sdk/saliency/find-masks';
import type { Command } from 'commander';
import { benchSparse } from '../../bench/sparse.js';
import { countUsableCores } from '../../host/usable-cores.js';
import { resolveBackend } from '../../setup/probe-backend.js';
import type { Outcome, Session } from '../command-line.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { parseChoice, parseShare, parseWhole, parseWholes } from '../option-values.js';
import { readWidths, widthsHelp } from '../read-widths.js';
import { findScoringImages } from '../score-densities.js';
import { toSparseText } from '../show-sparse.js';

interface SparseOptions {
  readonly arch: string;
  readonly widths: string;
  readonly align?: number;
  readonly density: number;
  readonly from: string;
  readonly data?: string;
  readonly seed: number;
  readonly batch: readonly number[];
  readonly threads: readonly number[];
  readonly export?: string;
}

export function addBenchSparse(bench: Command, run: RunAction): void {
  const what = 'What to measure:';
  const threads = [...new Set([1, countUsableCores()])];
  const command = bench
    .command('sparse')
    .summary('time a network of mostly zeros in every sparse runtime against ONNX Runtime, and layers against what WebAssembly can do')
    .addOption(option(what, '--arch <arch>', 'such as resnet-20 or mobilenet-v2-x1.0-cifar', undefined, 'resnet-20'))
    .addOption(option(what, '--widths <widths>', widthsHelp, undefined, 'original'))
    .addOption(option(what, '--align <n>', 'multiple that a width multiplier rounds to (default: 8)', parseWhole('--align')))
    .addOption(option(what, '--density <share>', 'how many of all weights stay', parseShare('--density'), 0.1))
    .addOption(option(what, '--from <name>', `what chooses them: ${maskSources.join(', ')}`, parseChoice('--from', maskSources), 'synflow'))
    .addOption(
      option(
        what,
        '--data <name>',
        `images, where that looks at them: ${datasetNames.join(', ')}`,
        parseChoice('--data', ['auto', ...datasetNames]),
      ),
    )
    .addOption(option(what, '--seed <n>', 'of the weights, and of what chooses among them', parseWhole('--seed', 0), 0))
    .addOption(option(what, '--batch <n,…>', 'images a call', parseWholes('--batch')).default([1, 8, 128], '1,8,128'))
    .addOption(option(what, '--threads <n,…>', 'threads of each runtime', parseWholes('--threads')).default(threads, threads.join(',')))
    .addOption(option('Output:', '--export <file.onnx>', 'write the network as it was timed, zeros and all'));
  addOutputOptions(command).action((options: SparseOptions) =>
    run('bench sparse', flagsOf(command), (session) => benchmark(options, session)),
  );
}

async function benchmark(options: SparseOptions, session: Session): Promise<Outcome> {
  const { arch, widths, align, density, from: source, data, seed, batch: batches, threads, export: exportPath } = options;
  if (exportPath !== undefined && !exportPath.toLowerCase().endsWith('.onnx'))
    throw new UsageError(`--export is "${exportPath}", but the file is an ONNX one: write --export ${exportPath}.onnx.`);
  const architecture = await readWidths(widths, createArchitecture(arch), align);
  const dataset = await findScoringImages(architecture, { source, data, seed }, session);
  const { used: backend } = await resolveBackend('auto', session.context);
  const bench = { architecture, density, source, dataset, seed, backend, batches, threads, exportPath };
  const document = await session.progress.run(
    { title: `${architecture.name} at density ${density}` },
    (emit) => {
      const forward: typeof emit = (event) => (event.type === 'warning' ? session.context.emit(event) : emit(event));
      return benchSparse(bench, { ...session.context, emit: forward });
    },
    () => 'measured',
  );
  return { document: () => document, text: () => toSparseText(document, { source, exportPath }, session.width) };
}
