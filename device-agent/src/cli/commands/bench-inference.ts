import { createArchitecture } from '@precrop/sdk/architectures/registry';
import type { Command } from 'commander';
import { benchInference } from '../../bench/inference.js';
import { parseRuntimes } from '../../setup/probe-runtime.js';
import type { Outcome, Session } from '../command-line.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { parseWhole, parseWholes } from '../option-values.js';
import { readWidths, widthsHelp } from '../read-widths.js';
import { toInferenceText } from '../show-inference.js';

interface InferenceOptions {
  readonly arch: string;
  readonly widths: string;
  readonly align?: number;
  readonly batch: readonly number[];
  readonly runtime: readonly string[];
  readonly threads?: readonly number[];
  readonly limit?: number;
}

export function addBenchInference(bench: Command, run: RunAction): void {
  const what = 'What to measure:';
  const command = bench
    .command('inference')
    .summary('time inference in every runtime of this machine against tfjs-layers, in interleaved blocks, each in a process of its own')
    .addOption(option(what, '--arch <arch>', 'such as resnet-20 or mobilenet-v2-x1.0-cifar', undefined, 'resnet-20'))
    .addOption(option(what, '--widths <widths>', widthsHelp, undefined, 'original'))
    .addOption(option(what, '--align <n>', 'multiple that a width multiplier rounds to (default: 8)', parseWhole('--align')))
    .addOption(option(what, '--batch <n,…>', 'images a call; the summary is that of the first', parseWholes('--batch')).default([1], '1'))
    .addOption(
      option(what, '--runtime <name,…>', 'all, or names such as onnxruntime/cpu or tfjs', (text) => parseRuntimes(text)).default(
        parseRuntimes('all'),
        'all',
      ),
    )
    .addOption(option(what, '--threads <n,…>', 'threads of each runtime (default: all cores)', parseWholes('--threads')))
    .addOption(option(what, '--limit <seconds>', 'what the whole may take (default: 80 a batch)', parseWhole('--limit')))
    .addOption(option(what, '--seed <n>', 'of the weights and the images', parseWhole('--seed', 0), 0));
  addOutputOptions(command).action((options: InferenceOptions) =>
    run('bench inference', flagsOf(command), (session) => benchmark(options, session)),
  );
}

async function benchmark({ arch, widths, align, batch, runtime, threads, limit }: InferenceOptions, session: Session): Promise<Outcome> {
  const architecture = await readWidths(widths, createArchitecture(arch), align);
  const bench = {
    architecture,
    batches: batch,
    runtimes: runtime,
    ...(threads === undefined ? {} : { threads }),
    ...(limit === undefined ? {} : { length: { limitMs: limit * 1000 } }),
  };
  const document = await session.progress.run(
    { title: `Inference of ${architecture.name}` },
    (emit) => benchInference(bench, { ...session.context, emit }),
    () => 'measured',
  );
  return { document: () => document, text: () => toInferenceText(document, session.width) };
}
