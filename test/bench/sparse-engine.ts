/**
 * The sparse engine: the rate of its non-zero work in chains of convolutions, beside a plain loop of multiplications and additions, and whole
 * ResNet-20 beside ONNX Runtime on the same file. Both are timed in turns, and the fastest call counts.
 *
 *     node test/dist/bench/sparse-engine.js [density]
 */
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Model } from '@precrop/sdk/export/model';
import { exportModel } from '@precrop/sdk/export/registry';
import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import { applyMasks } from '@precrop/sdk/mask/masks';
import { drawMasks } from '@precrop/sdk/mask/realise';
import { selectRuntime } from '@precrop/sdk/runtimes/registry';
import type { InferenceSession } from '@precrop/sdk/runtimes/runtime';
import { countNonzeroMacs } from '@precrop/sdk/sparse/count-nonzero-macs';
import { measureMulAddGflops } from '@precrop/sdk/sparse/mul-add-rate';
import { createImages, createModel } from '../support/model-zoo.js';

const density = Number(process.argv[2] ?? 0.1);
const batches = [1, 8, 128];
const threadCounts = [1, 2];
const measuringMs = 1500;

const print = (...columns: readonly (string | number)[]): void => {
  process.stdout.write(
    `${columns.map((column, index) => (index === 0 ? String(column).padEnd(34) : String(column).padStart(10))).join('')}\n`,
  );
};

/** Eight convolutions from `channels` to as many, on images of `size` squared. */
function createChain(channels: number, size: number, kernel = 3, stride = 1): Architecture {
  const nodes: Node[] = Array.from({ length: 8 }, (_, index) => ({
    id: `conv${index}`,
    op: 'conv',
    inputs: [index === 0 ? 'input' : `conv${index - 1}`],
    outChannels: channels,
    kernel: [kernel, kernel],
    strides: index === 0 ? [stride, stride] : [1, 1],
    padding: 'same',
    groups: 1,
    bias: true,
  }));
  nodes.push({ id: 'mean', op: 'global-avg-pool', inputs: ['conv7'] });
  return { name: `${channels}`, input: [size, size, channels], classes: channels, nodes, output: 'mean' };
}

function prune(model: Model): Model {
  const layers = findPrunableLayers(model.architecture);
  const masks = drawMasks(layers, new Map(layers.map(({ id }) => [id, density])), createRng(3));
  return { ...model, weights: applyMasks(model.weights, masks) };
}

/** Milliseconds of the fastest call of each session. */
async function timeInTurns(sessions: readonly InferenceSession[], images: Float32Array): Promise<readonly number[]> {
  const fastest = sessions.map(() => Number.POSITIVE_INFINITY);
  const end = performance.now() + measuringMs * sessions.length;
  while (performance.now() < end) {
    for (const [index, session] of sessions.entries()) {
      for (let call = 0; call < 5; call++) {
        const begin = performance.now();
        await session.infer(images);
        fastest[index] = Math.min(fastest[index] as number, performance.now() - begin);
      }
    }
  }
  return fastest;
}

async function open(runtime: string, model: Model, threads: number): Promise<InferenceSession> {
  return (await selectRuntime(runtime)).runtime.load(await exportModel(model, 'onnx'), { threads });
}

print('multiply-add loop', `${measureMulAddGflops().toFixed(1)} GFLOP/s`);
print('GFLOP/s of non-zero work', ...batches.flatMap((batch) => threadCounts.map((threads) => `b${batch} t${threads}`)));
for (const [channels, size, kernel] of [
  [16, 32, 3],
  [32, 16, 3],
  [64, 8, 3],
  [64, 32, 1],
  [128, 4, 3],
] as const) {
  const model = prune(createModel(createChain(channels, size, kernel)));
  const macs = countNonzeroMacs(model);
  const sessions = await Promise.all(threadCounts.map((threads) => open('sparse-wasm', model, threads)));
  const rates: string[] = [];
  for (const batch of batches) {
    const times = await timeInTurns(sessions, createImages(model.architecture, batch));
    rates.push(...times.map((ms) => ((2 * macs * batch) / ms / 1e6).toFixed(1)));
  }
  print(`${kernel}x${kernel}, ${channels} channels, ${size}x${size}`, ...rates);
  await Promise.all(sessions.map((session) => session.dispose()));
}

const model = prune(createModel(createArchitecture('resnet-20')));
print(`ResNet-20 at density ${density}, ms`, ...batches.flatMap((batch) => threadCounts.map((threads) => `b${batch} t${threads}`)));
const rows = new Map<string, string[]>();
for (const batch of batches) {
  const images = createImages(model.architecture, batch);
  for (const threads of threadCounts) {
    const sessions = [await open('sparse-wasm', model, threads), await open('onnxruntime/cpu', model, threads)];
    const times = await timeInTurns(sessions, images);
    ['sparse-wasm', 'onnxruntime/cpu'].forEach((name, index) => {
      rows.set(name, [...(rows.get(name) ?? []), (times[index] as number).toFixed(3)]);
    });
    await Promise.all(sessions.map((session) => session.dispose()));
  }
}
for (const [name, times] of rows) print(`  ${name}`, ...times);
