/**
 * What alignment is worth: `node test/dist/bench/aligned-widths.js [ARCHITECTURE [BATCH [FILE]]]`. Layer densities at a quarter of the MACs become
 * widths in three ways: each rounded down for itself, as Torch-Pruning does unless it is told a multiple; single channels that use the budget up;
 * multiples of eight that use it up. Their training steps and the original's are timed in interleaved blocks, each in a process of its own. About
 * five minutes on an otherwise idle machine.
 */
import { availableParallelism } from 'node:os';
import { type TableColumn, toTextTable } from '@precrop/device-agent/cli/text-table';
import { runInterleaved, toRatios } from '@precrop/device-agent/measure/interleave';
import { median, quantile } from '@precrop/device-agent/measure/statistics';
import { startWorker } from '@precrop/device-agent/worker/start-worker';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import { formatMs, formatPercent } from '@precrop/sdk/core/units';
import { cropArchitecture } from '@precrop/sdk/crop/apply';
import { toCropModel } from '@precrop/sdk/crop/crop-layers';
import { toWidthRatios } from '@precrop/sdk/crop/width-ratios';
import { writeFile } from '@precrop/sdk/data/write-file';
import { findDensities } from '@precrop/sdk/density/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { readWidths, withWidths } from '@precrop/sdk/ir/widths';

const [name = 'resnet-20', batchText = '64', file] = process.argv.slice(2);
const batch = Number(batchText);
const budget = { macs: 0.25 };
const [roundedDown, singleChannels, aligned] = ['rounded down', 'single channels', 'multiples of 8'] as const;
const densities = ['synexp', 'er', 'erk', 'igq', 'uniform'];
const original = createArchitecture(name);

interface Contender {
  readonly name: string;
  readonly density: string;
  readonly rounding: string;
  readonly architecture: Architecture;
}

const networks: readonly Contender[] = [
  { name: 'original', density: 'none', rounding: 'original', architecture: original },
  ...densities.flatMap((density) =>
    [
      { rounding: roundedDown, architecture: roundDown(density) },
      { rounding: singleChannels, architecture: cropArchitecture(original, { density, budget, align: 1 }).architecture },
      { rounding: aligned, architecture: cropArchitecture(original, { density, budget }).architecture },
    ].map((each) => ({ ...each, name: `${density}, ${each.rounding}`, density })),
  ),
];

/** Every width as its ratio asks for, without what lies behind the point. */
function roundDown(density: string): Architecture {
  const model = toCropModel(original);
  const ratios = toWidthRatios(model, findDensities(original, density, budget, 1), budget);
  return withWidths(original, new Map(model.groups.map((group) => [group.name, Math.floor(group.width * (ratios.get(group.name) ?? 1))])));
}

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
const context = createContext({ signal: controller.signal });
const workers = await Promise.all(
  networks.map(async ({ name: contender, architecture }) => {
    const input = { architecture, batch, backend: 'tensorflow-graph' };
    return { contender, worker: await startWorker('bench-step-ours', input, { context, threads: availableParallelism() }) };
  }),
);
const contenders = workers.map(({ contender, worker }) => ({
  name: contender,
  time: (count: number): Promise<readonly number[]> => worker.call('time', { count }),
}));
const blocks = await runInterleaved(contenders, { leastRounds: 6, mostRounds: 12, budgetMs: 240_000, blockMs: 800 }, context);
await Promise.all(workers.map(({ worker }) => worker.close()));

const of = (contender: string): readonly (readonly number[])[] => blocks.get(contender) ?? [];
const describeRatios = (from: string, to: string): string => {
  const ratios = toRatios(of(from), of(to));
  return `${median(ratios).toFixed(2)}x (${quantile(ratios, 0.05).toFixed(2)}–${quantile(ratios, 0.95).toFixed(2)})`;
};
const { macs } = countArchitecture(original);
const rows = networks.map(({ name: contender, density, rounding, architecture }) => {
  const over = (other: string): string => (rounding === aligned ? describeRatios(`${density}, ${other}`, contender) : '');
  return [
    contender,
    formatPercent(countArchitecture(architecture).macs / macs),
    formatMs(median(of(contender).flat())),
    describeRatios('original', contender),
    over(roundedDown),
    over(singleChannels),
    rounding === 'original' ? '' : [...readWidths(architecture).values()].join(' '),
  ];
});
const columns: readonly TableColumn[] = [
  { title: 'densities, widths' },
  { title: 'MACs', align: 'right' },
  { title: 'step', align: 'right' },
  { title: 'faster than the original', align: 'right' },
  { title: `than ${roundedDown}`, align: 'right' },
  { title: `than ${singleChannels}`, align: 'right' },
  { title: 'widths' },
];
process.stdout.write(`Training step of ${name} at a quarter of its MACs, batch ${batch}, ${availableParallelism()} threads\n`);
process.stdout.write(`${toTextTable(columns, rows, 200)}\n`);
if (file !== undefined) await writeFile(file, [`${JSON.stringify(Object.fromEntries(blocks))}\n`]);
