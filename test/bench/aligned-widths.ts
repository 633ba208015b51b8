/**
 * What alignment is worth: `node test/dist/bench/aligned-widths.js [ARCHITECTURE [BATCH [FILE]]]`. The same layer densities (SynExp at a quarter of the MACs)
 * become widths in multiples of 1, 4 and 8; their training steps and the original's are timed in interleaved blocks, each in a process of
 * its own. About two minutes on an otherwise idle machine.
 */
import { availableParallelism } from 'node:os';
import { runInterleaved, toRatios } from '@precrop/device-agent/measure/interleave';
import { median, quantile } from '@precrop/device-agent/measure/statistics';
import { startWorker } from '@precrop/device-agent/worker/start-worker';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import { formatMs, formatPercent } from '@precrop/sdk/core/units';
import { cropArchitecture } from '@precrop/sdk/crop/apply';
import { writeFile } from '@precrop/sdk/data/write-file';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { readWidths } from '@precrop/sdk/ir/widths';

const [name = 'resnet-20', batchText = '64', file] = process.argv.slice(2);
const batch = Number(batchText);
const original = createArchitecture(name);
const networks = new Map([
  ['original', original],
  ...[1, 4, 8].map((align) => {
    const { architecture } = cropArchitecture(original, { density: 'synexp', budget: { macs: 0.25 }, align });
    return [`multiples of ${align}`, architecture] as const;
  }),
]);

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
const context = createContext({ signal: controller.signal });
const workers = await Promise.all(
  [...networks].map(async ([contender, architecture]) => {
    const input = { architecture, batch, backend: 'tensorflow-graph' };
    return { contender, worker: await startWorker('bench-step-ours', input, { context, threads: availableParallelism() }) };
  }),
);
const contenders = workers.map(({ contender, worker }) => ({
  name: contender,
  time: (count: number): Promise<readonly number[]> => worker.call('time', { count }),
}));
const blocks = await runInterleaved(contenders, { leastRounds: 6, mostRounds: 12, budgetMs: 120_000, blockMs: 1000 }, context);
await Promise.all(workers.map(({ worker }) => worker.close()));

const naive = blocks.get('multiples of 1') ?? [];
const { macs } = countArchitecture(original);
process.stdout.write(`Training step of ${name}, batch ${batch}, ${availableParallelism()} threads:\n`);
for (const [contender, architecture] of networks) {
  const own = blocks.get(contender) ?? [];
  const faster = toRatios(naive, own);
  const share = formatPercent(countArchitecture(architecture).macs / macs);
  const times = `${median(faster).toFixed(2)}x (${quantile(faster, 0.05).toFixed(2)}–${quantile(faster, 0.95).toFixed(2)})`;
  process.stdout.write(
    `${contender.padEnd(16)} ${share.padStart(7)} of the MACs  ${formatMs(median(own.flat())).padStart(8)}  ${times} as fast as the naive rounding\n`,
  );
  if (contender !== 'original')
    process.stdout.write(`  ${[...readWidths(architecture)].map(([group, width]) => `${group}=${width}`).join(' ')}\n`);
}
if (file !== undefined) await writeFile(file, [`${JSON.stringify(Object.fromEntries(blocks))}\n`]);
