/**
 * Our onnxruntime session against Python's onnxruntime on the same file, on equal threads, in interleaved blocks:
 * `PRECROP_PYTHON=… node test/dist/bench/onnxruntime-python.js [ARCHITECTURE [BATCH]]`. Ours takes images as they lie in memory (NHWC) and turns
 * them; Python is given what the file takes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomModel } from '@precrop/device-agent/bench/create-random-model';
import type { TimedMethods } from '@precrop/device-agent/bench/timed-service';
import { runInterleaved, toRatios } from '@precrop/device-agent/measure/interleave';
import { createMeasurement } from '@precrop/device-agent/measure/measurement';
import { median } from '@precrop/device-agent/measure/statistics';
import { startWorker } from '@precrop/device-agent/worker/start-worker';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import { formatMs } from '@precrop/sdk/core/units';
import { exportModel } from '@precrop/sdk/export/registry';
import { findPython, findScript } from '../support/python.js';
import { startPython } from '../support/start-python.js';
import type { TimedFile } from '../support/timed-file.js';

const [name = 'resnet-20', images = '1'] = process.argv.slice(2);
const python = findPython(['onnxruntime', 'numpy']);
if ('reason' in python) throw new Error(python.reason);
const architecture = createArchitecture(name);
const batch = Number(images);
const context = createContext();
const folder = mkdtempSync(join(tmpdir(), 'precrop-bench-'));
try {
  const path = join(folder, 'model.onnx');
  const { files } = await exportModel(createRandomModel(architecture, context.rng), 'onnx');
  writeFileSync(path, [...files.values()][0] ?? new Uint8Array());
  for (const threads of [1, 2]) process.stdout.write(`${await compare(python.path, path, threads)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(interpreter: string, path: string, threads: number): Promise<string> {
  const input: TimedFile = { architecture, format: 'onnx', path, runtime: 'onnxruntime/cpu', threads, batch };
  const ours = await startWorker<TimedMethods>(new URL('../support/timed-file.js', import.meta.url), input, { context });
  const theirs = startPython(interpreter, findScript(import.meta.dirname, 'time_onnx.py'));
  try {
    const version = await theirs.ask(JSON.stringify({ path, threads, batch }));
    const contenders = [
      { name: 'ours', time: (count: number) => ours.call('time', { count }) },
      { name: 'python', time: async (count: number) => JSON.parse(await theirs.ask(`${count}`)) as readonly number[] },
    ];
    const blocks = await runInterleaved(contenders, { leastRounds: 12, mostRounds: 40, budgetMs: 20_000, blockMs: 300 }, context);
    const [a = [], b = []] = contenders.map((each) => blocks.get(each.name));
    const [one, other] = [a, b].map((each) => createMeasurement(each.flat(), { runtime: 'onnxruntime', threads, batch }));
    return (
      `${name}, batch ${batch}, ${threads} ${threads === 1 ? 'thread' : 'threads'}: ours ${formatMs(one?.median ?? 0)} (${one?.verdict}), ` +
      `Python's onnxruntime ${version} ${formatMs(other?.median ?? 0)} (${other?.verdict}), ` +
      `ours / Python's: ${((one?.median ?? 0) / (other?.median ?? 1)).toFixed(3)} of medians, ${median(toRatios(a, b)).toFixed(3)} round by round`
    );
  } finally {
    theirs.stop();
    await ours.close();
  }
}
