/**
 * A sparse MobileNetV2 against its dense twin in the runtime `tflite`: `node test/dist/bench/sparse-tflite.js [SHARE [ARCHITECTURE]]`. The given share
 * of the weights of all 1x1 convolutions is zero in both; one file stores them as what is left, and XNNPACK runs its sparse kernels.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomModel } from '@precrop/device-agent/bench/create-random-model';
import type { TimedMethods } from '@precrop/device-agent/bench/timed-service';
import { runInterleaved, toRatios } from '@precrop/device-agent/measure/interleave';
import { createMeasurement } from '@precrop/device-agent/measure/measurement';
import { median } from '@precrop/device-agent/measure/statistics';
import { startWorker } from '@precrop/device-agent/worker/start-worker';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import { formatBytes, formatMs } from '@precrop/sdk/core/units';
import { exportModel } from '@precrop/sdk/export/registry';
import type { TimedFile } from '../support/timed-file.js';
import { isPointwise, zeroSmallest } from '../support/zero-smallest.js';

const [share = '0.9', name = 'mobilenet-v2-x1.0'] = process.argv.slice(2);
const architecture = createArchitecture(name);
const context = createContext();
const model = zeroSmallest(createRandomModel(architecture, context.rng), Number(share), isPointwise);
const folder = mkdtempSync(join(tmpdir(), 'precrop-bench-'));
try {
  for (const kind of ['sparse', 'dense'] as const) {
    const { files } = await exportModel(model, 'tflite', { sparse: kind === 'sparse' });
    writeFileSync(pathOf(kind), [...files.values()][0] ?? new Uint8Array());
  }
  for (const threads of new Set([1, availableParallelism()])) process.stdout.write(`${await compare(threads)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

function pathOf(kind: 'sparse' | 'dense'): string {
  return join(folder, `${kind}.tflite`);
}

async function compare(threads: number): Promise<string> {
  const start = (kind: 'sparse' | 'dense') => {
    const input: TimedFile = { architecture, format: 'tflite', path: pathOf(kind), runtime: 'tflite', threads, batch: 1 };
    return startWorker<TimedMethods>(new URL('../support/timed-file.js', import.meta.url), input, { context });
  };
  const workers = [await start('sparse'), await start('dense')];
  try {
    const contenders = workers.map((worker, index) => ({ name: `${index}`, time: (count: number) => worker.call('time', { count }) }));
    const blocks = await runInterleaved(contenders, { leastRounds: 8, mostRounds: 20, budgetMs: 30_000, blockMs: 500 }, context);
    const [a = [], b = []] = contenders.map((each) => blocks.get(each.name));
    const [sparse, dense] = [a, b].map((each) => createMeasurement(each.flat(), { runtime: 'tflite', threads, batch: 1 }));
    return (
      `${name}, ${Number(share) * 100} % zeros in its 1x1 convolutions, batch 1, ${threads} ${threads === 1 ? 'thread' : 'threads'}: ` +
      `sparse ${formatMs(sparse?.median ?? 0)} (${sparse?.verdict}), dense ${formatMs(dense?.median ?? 0)} (${dense?.verdict}), ` +
      `${median(toRatios(b, a)).toFixed(2)}x as fast; ${formatBytes(statSync(pathOf('sparse')).size)} and ${formatBytes(statSync(pathOf('dense')).size)} on disk`
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}
