import { existsSync, readdirSync } from 'node:fs';
import { freemem } from 'node:os';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { BackendError, ModelFileError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { ModelFile } from '@precrop/sdk/export/format';
import { exportModel } from '@precrop/sdk/export/registry';
import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import { applyMasks } from '@precrop/sdk/mask/masks';
import { drawMasks } from '@precrop/sdk/mask/realise';
import { selectRuntime } from '@precrop/sdk/runtimes/registry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createImages, createModel } from '../../support/model-zoo.js';
import { allNear } from '../../support/near.js';
import { skip } from '../../support/skip.js';

const { runtime: dense } = await selectRuntime('onnxruntime/cpu');
const { runtime: sparse } = await selectRuntime('sparse-wasm');

async function exportPruned(architecture: Architecture, density = 0.1): Promise<ModelFile> {
  const model = createModel(architecture);
  const layers = findPrunableLayers(architecture);
  const masks = drawMasks(layers, new Map(layers.map(({ id }) => [id, density])), createRng(9));
  return exportModel({ ...model, weights: applyMasks(model.weights, masks) }, 'onnx');
}

const onePixel = { kernel: [1, 1], strides: [1, 1], padding: 'valid' } as const;
const names = ['resnet-20', 'mobilenet-v2-cifar', 'shufflenet-v2-cifar', 'shufflenet-v1-g3-cifar', 'mobilenet-v1-cifar', 'vgg-11'];

for (const name of names) {
  test(`${name} with a tenth of its weights gives what ONNX Runtime gives, in every batch and with any threads`, async () => {
    const architecture = createArchitecture(name);
    const file = await exportPruned(architecture);
    const [expected, one, two, three] = await Promise.all([
      dense.load(file),
      ...[1, 2, 3].map((threads) => sparse.load(file, { threads })),
    ] as const);
    for (const batch of [1, 2, 3, 5, 13]) {
      const images = createImages(architecture, batch);
      const logits = await expected.infer(images);
      for (const session of [one, two, three]) allNear((await session?.infer(images)) ?? [], logits, 1e-4);
    }
    await Promise.all([expected, one, two, three].map((session) => session?.dispose()));
  });
}

test('an image of a batch has the same logits whatever stands beside it, up to rounding', async () => {
  const architecture = createArchitecture('resnet-20-w4');
  const session = await sparse.load(await exportPruned(architecture, 0.5), { threads: 2 });
  const images = createImages(architecture, 11);
  const size = images.length / 11;
  const logits = await session.infer(images);
  for (let index = 0; index < 11; index++) {
    allNear(await session.infer(images.subarray(index * size, (index + 1) * size)), logits.subarray(index * 10, (index + 1) * 10), 1e-5);
  }
  await session.dispose();
});

test('a batch that is larger than what is taken at a time', async () => {
  const architecture = createArchitecture('resnet-20-w4');
  const session = await sparse.load(await exportPruned(architecture, 0.1), { threads: 2 });
  const images = createImages(architecture, 1);
  const count = 1500; // 18 MB
  const many = new Float32Array(images.length * count);
  for (let index = 0; index < count; index++) many.set(images, index * images.length);
  const one = await session.infer(images);
  const logits = await session.infer(many);
  for (const index of [0, 1, 799, 1301, 1302, 1303, 1304, 1498, 1499]) allNear(logits.subarray(index * 10, index * 10 + 10), one, 1e-5);
  await session.dispose();
});

test('a model that needs more memory than there are addresses is refused in a sentence', async () => {
  const conv: Node = { ...onePixel, id: 'conv', op: 'conv', inputs: ['input'], outChannels: 67, groups: 1, bias: false };
  const nodes: readonly Node[] = [conv, { id: 'mean', op: 'global-avg-pool', inputs: ['conv'] }];
  const architecture: Architecture = { name: 'huge', input: [4000, 4000, 3], classes: 67, nodes, output: 'mean' };
  const file = await exportModel(createModel(architecture), 'onnx');
  const error = await sparse.load(file, { threads: 1 }).catch((reason: unknown) => reason);
  assert.instance(error, ModelFileError);
  assert.match(
    (error as Error).message,
    /^The model takes .* to run, but the sparse engine has .* at most\. Use a smaller model or image\.$/,
  );
});

if (freemem() > 4e9) {
  test('a network that is too large for four images at a time runs them one by one', async () => {
    const conv: Node = { ...onePixel, id: 'conv', op: 'conv', inputs: ['input'], outChannels: 100, groups: 1, bias: false };
    const nodes: readonly Node[] = [conv, { id: 'mean', op: 'global-avg-pool', inputs: ['conv'] }];
    const architecture: Architecture = { name: 'large', input: [1700, 1700, 1], classes: 100, nodes, output: 'mean' };
    const file = await exportModel(createModel(architecture), 'onnx');
    const session = await sparse.load(file, { threads: 1 });
    const image = createImages(architecture, 1);
    const images = new Float32Array(4 * image.length);
    for (let index = 0; index < 4; index++) images.set(image, index * image.length);
    const one = await session.infer(image);
    const logits = await session.infer(images);
    for (let index = 0; index < 4; index++) assert.equal(logits.slice(index * 100, index * 100 + 100), one);
    await session.dispose();
  });
} else
  skip(
    test,
    'a network that is too large for four images at a time runs them one by one',
    'it takes more than a gigabyte, and less than four are free',
  );

const tasks = '/proc/self/task';
if (existsSync(tasks)) {
  test('threads begin with a session and end with it', async () => {
    const file = await exportPruned(createArchitecture('resnet-20-w4'));
    const countThreads = (): number => readdirSync(tasks).length;
    const warm = await sparse.load(file, { threads: 2 });
    await warm.dispose();
    const before = countThreads();
    const sessions = await Promise.all([sparse.load(file, { threads: 3 }), sparse.load(file, { threads: 2 })]);
    assert.ok(countThreads() >= before + 3, 'two and one beside the main thread');
    await sessions[0]?.infer(createImages(createArchitecture('resnet-20-w4'), 1));
    await Promise.all(sessions.map((session) => session.dispose()));
    assert.ok(countThreads() <= before, `${countThreads()} threads are left of ${before}`);
    const error = await sessions[1]?.infer(new Float32Array(3072)).catch((reason: unknown) => reason);
    assert.instance(error, BackendError);
  });
} else skip(test, 'threads begin with a session and end with it', 'this system has no list of threads');

test.run();
