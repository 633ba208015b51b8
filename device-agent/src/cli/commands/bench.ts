import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { formatBytes, formatMs } from '@precrop/sdk/core/units';
import type { Command } from 'commander';
import { benchTrainStep } from '../../bench/train-step.js';
import type { ContenderName, ContenderResult, SpeedupResult, TrainStepDocument } from '../../bench/train-step-document.js';
import { formatTimes } from '../../report/format.js';
import type { Outcome, Session } from '../command-line.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { parseWhole } from '../option-values.js';
import { readWidths, widthsHelp } from '../read-widths.js';
import { toTextTable, wrapText } from '../text-table.js';
import { addBenchBudgets } from './bench-budgets.js';
import { addBenchCostModel } from './bench-cost-model.js';
import { addBenchInference } from './bench-inference.js';
import { addBenchSparse } from './bench-sparse.js';

interface TrainStepOptions {
  readonly arch: string;
  readonly widths: string;
  readonly align?: number;
  readonly batch: number;
  readonly threads?: number;
}

const what = 'What to measure:';

export function addBench(program: Command, run: RunAction): void {
  const bench = program
    .command('bench')
    .summary('measure this machine: train-step, inference, sparse, cost-model, budgets')
    .usage('<command> [options]')
    .helpCommand(false);
  const command = bench
    .command('train-step')
    .summary('time a training step against that of tfjs-layers, in interleaved blocks, each in a process of its own')
    .addOption(option(what, '--arch <arch>', 'such as resnet-20 or mobilenet-v2-x1.0-cifar', undefined, 'resnet-20'))
    .addOption(option(what, '--widths <widths>', widthsHelp, undefined, 'original'))
    .addOption(option(what, '--align <n>', 'multiple that a width multiplier rounds to (default: 8)', parseWhole('--align')))
    .addOption(option(what, '--batch <n>', 'images a step', parseWhole('--batch'), 128))
    .addOption(option(what, '--threads <n>', 'threads of the native library (default: all cores)', parseWhole('--threads')));
  addOutputOptions(command).action((options: TrainStepOptions) =>
    run('bench train-step', flagsOf(command), (session) => benchmark(options, session)),
  );
  addBenchInference(bench, run);
  addBenchSparse(bench, run);
  addBenchCostModel(bench, run);
  addBenchBudgets(bench, run);
}

async function benchmark({ arch, widths, align, batch, threads }: TrainStepOptions, session: Session): Promise<Outcome> {
  const architecture = await readWidths(widths, createArchitecture(arch), align);
  const document = await session.progress.run(
    { title: `Training step of ${architecture.name}` },
    (emit) => benchTrainStep({ architecture, batch, ...(threads === undefined ? {} : { threads }) }, { ...session.context, emit }),
    () => 'measured',
  );
  return { document: () => document, text: () => toText(document, session.width) };
}

const labels: Readonly<Record<ContenderName, string>> = {
  ours: 'PreCrop',
  'tfjs-layers': 'tfjs-layers',
  'peak-rate': 'matrix products (bound)',
};

function toText({ conditions, summary, results, verdict, reasons }: TrainStepDocument, width: number): string {
  const isContender = (result: ContenderResult | SpeedupResult): result is ContenderResult => 'samples' in result;
  const table = toTextTable(
    [
      { title: '', least: 12 },
      { title: 'median', align: 'right' },
      { title: '5 to 95 %', align: 'right' },
      { title: 'GFLOP/s', align: 'right' },
      { title: 'peak memory', align: 'right' },
      { title: 'samples', align: 'right' },
    ],
    results
      .filter(isContender)
      .map(({ contender, median, p5, p95, gflops, peakRssBytes, samples }) => [
        labels[contender],
        formatMs(median),
        `${formatMs(p5)} to ${formatMs(p95)}`,
        gflops.toFixed(0),
        formatBytes(peakRssBytes),
        String(samples.length),
      ]),
    width,
  );
  const words = [
    `PreCrop is ${formatTimes(summary.speedupOverTfjsLayers)} as fast as tfjs-layers.`,
    `Its step takes ${formatTimes(summary.timesBound)} the ${formatMs(summary.boundMs)} that its multiplications alone would take at the rate of large matrix products.`,
    `Measured on ${conditions.device}, ${conditions.threads} threads, batch ${conditions.batch}, power: ${conditions.power}.`,
    ...(verdict === 'valid' ? [] : [`The numbers are ${verdict}:`, ...reasons.map((reason) => `  ${reason}`)]),
  ];
  return [table, '', ...words.map((line) => wrapText(line, width))].join('\n');
}
