import type { Weights } from '@precrop/sdk/backends/backend';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { loadTfjsDevice, type TfjsDevice } from '@precrop/sdk/backends/tfjs-eager/device';
import { UsageError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import type { Optimizer } from '@precrop/sdk/program/optimizer';
import { optimizerFeeds } from '@precrop/sdk/program/optimizer';
import { toEvaluation, toInference, toTrainingStep } from '@precrop/sdk/program/training-step';
import { collectVariables, initializeVariables } from '@precrop/sdk/program/variables';
import { memory } from '@tensorflow/tfjs-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { maxRelativeDifference, near } from '../../support/near.js';
import { probeWebgpu } from '../../support/probe-webgpu.js';
import { skip } from '../../support/skip.js';

const webgpu = await probeWebgpu();
const devices: readonly TfjsDevice[] = 'device' in webgpu ? ['cpu', 'wasm', 'webgpu'] : ['cpu', 'wasm'];
for (const device of devices) await loadTfjsDevice(device); // tfjs counts no tensors before it started
if ('reason' in webgpu && !('device' in webgpu)) skip(test, 'tfjs-eager/webgpu', webgpu.reason);
const sgd: Optimizer = { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 1e-4 };
const convolution = { op: 'conv', kernel: [3, 3], strides: [1, 1], padding: 'same', groups: 1, bias: false } as const;
const norm = { op: 'batch-norm', epsilon: 1e-3, momentum: 0.9 } as const;

// A residual net with every kind of connection: fan-out, add, split, concat, shuffle.
const architecture: Architecture = {
  name: 'tiny',
  input: [6, 6, 3],
  classes: 3,
  nodes: [
    { ...convolution, id: 'stem', inputs: ['input'], outChannels: 4 },
    { ...norm, id: 'stem.bn', inputs: ['stem'] },
    { op: 'relu', id: 'stem.relu', inputs: ['stem.bn'] },
    { ...convolution, id: 'inner', inputs: ['stem.relu'], outChannels: 4 },
    { op: 'add', id: 'sum', inputs: ['inner', 'stem.relu'] },
    { op: 'split', id: 'passed', inputs: ['sum'], parts: 2, part: 0 },
    { op: 'split', id: 'read', inputs: ['sum'], parts: 2, part: 1 },
    { op: 'depthwise-conv', id: 'spread', inputs: ['read'], kernel: [3, 3], strides: [1, 1], padding: 'same', bias: true },
    { op: 'concat', id: 'joined', inputs: ['passed', 'spread'] },
    { op: 'channel-shuffle', id: 'shuffled', inputs: ['joined'], groups: 2 },
    { op: 'max-pool', id: 'pooled', inputs: ['shuffled'], kernel: [2, 2], strides: [2, 2], padding: 'same' },
    { op: 'global-avg-pool', id: 'mean', inputs: ['pooled'] },
    { op: 'dense', id: 'classifier', inputs: ['mean'], outChannels: 3, bias: true },
  ],
  output: 'classifier',
};
const programs = [toTrainingStep(architecture, sgd, { labelSmoothing: 0.1 }), toEvaluation(architecture), toInference(architecture)];
const variables = collectVariables(programs);
const images = Float32Array.from(
  { length: 6 * 6 * 6 * 3 },
  (
    (rng) => () =>
      rng.normal()
  )(createRng(2)),
);
const labels = Int32Array.of(0, 1, 2, 0, 1, 2);

for (const device of devices) {
  const backend = createTfjsEagerBackend({ device });

  test(`tfjs-eager/${device}: a run leaves the variables and nothing else, dispose leaves nothing`, async () => {
    const before = memory().numTensors;
    const executable = await backend.compile(programs);
    await executable.writeVariables(initializeVariables(variables, createRng(1)));
    assert.is(memory().numTensors, before + variables.length);
    for (let step = 0; step < 3; step++) {
      await executable.run('train', { images, labels, ...optimizerFeeds(sgd, 0.1, step) });
      await executable.run('evaluate', { images, labels }, ['losses']);
      await executable.run('infer', { images });
      await executable.readVariables();
      assert.is(memory().numTensors, before + variables.length);
    }
    executable.dispose();
    assert.is(memory().numTensors, before);
  });

  test(`tfjs-eager/${device}: a run that fails in the middle leaves nothing behind and no variable changed`, async () => {
    const before = memory().numTensors;
    const executable = await backend.compile(programs);
    await executable.writeVariables(initializeVariables(variables, createRng(1)));
    const values = await executable.readVariables();
    // Without a value, the last slot fails the run after other variables were computed.
    const partly = await backend.compile(programs);
    const last = variables.filter(({ role }) => role === 'slot').at(-1)?.name ?? '';
    await partly.writeVariables(new Map([...values].filter(([name]) => name !== last)));
    const written = memory().numTensors;
    const error = await partly.run('train', { images, labels, ...optimizerFeeds(sgd, 0.1, 0) }).catch((reason: unknown) => reason);
    assert.instance(error, UsageError);
    assert.match((error as Error).message, new RegExp(`"${last}" has no value yet`));
    assert.is(memory().numTensors, written);
    await partly.writeVariables(new Map([[last, values.get(last) ?? new Float32Array()]]));
    assert.equal(await partly.readVariables(), values);
    partly.dispose();
    executable.dispose();
    assert.is(memory().numTensors, before);
  });

  test(`tfjs-eager/${device}: training lowers the loss, and equal seeds give equal weights`, async () => {
    const train = async (): Promise<{ readonly losses: number[]; readonly weights: ReadonlyMap<string, Float32Array> }> => {
      const executable = await backend.compile(programs);
      await executable.writeVariables(initializeVariables(variables, createRng(1)));
      const losses: number[] = [];
      for (let step = 0; step < 12; step++) {
        const { loss } = await executable.run('train', { images, labels, ...optimizerFeeds(sgd, 0.05, step) }, ['loss']);
        losses.push(loss?.[0] ?? Number.NaN);
      }
      const weights = await executable.readVariables();
      executable.dispose();
      return { losses, weights };
    };
    const [one, other] = [await train(), await train()];
    assert.ok((one.losses.at(-1) ?? 9) < 0.8 * (one.losses[0] ?? 0), `${one.losses}`);
    assert.equal(one.losses, other.losses);
    assert.equal(one.weights, other.weights);
  });

  test(`tfjs-eager/${device}: inference gives probabilities, and does not depend on the company of an image in its batch`, async () => {
    const executable = await backend.compile(programs);
    await executable.writeVariables(initializeVariables(variables, createRng(1)));
    const { probabilities: all = new Float32Array() } = await executable.run('infer', { images });
    const { probabilities: first = new Float32Array() } = await executable.run('infer', { images: images.slice(0, 6 * 6 * 3) });
    assert.is(all.length, 18);
    for (let image = 0; image < 6; image++) {
      const sum = all.slice(3 * image, 3 * image + 3).reduce((total, value) => total + value, 0);
      assert.ok(Math.abs(sum - 1) < 1e-6);
    }
    first.forEach((value, index) => {
      assert.ok(Math.abs(value - (all[index] ?? 0)) < 1e-6);
    });
    executable.dispose();
  });
}

test('all devices agree on a step of training', async () => {
  const results = new Map<TfjsDevice, { readonly loss: number; readonly weights: Weights }>();
  for (const device of devices) results.set(device, await trainOneStep(device));
  const { loss, weights } = results.get('cpu') as { readonly loss: number; readonly weights: Weights };
  for (const [device, result] of results) {
    near(result.loss, loss, 1e-5);
    for (const [name, values] of weights) {
      const difference = maxRelativeDifference(result.weights.get(name) ?? [], values);
      assert.ok(difference < 1e-5, `${name} on ${device} differs from cpu by ${difference}`);
    }
  }
});

test('executables of several devices share one process, step by step', async () => {
  const before = memory().numTensors;
  const [alone, other] = [await trainOneStep('cpu'), await trainOneStep('wasm')];
  const together = await Promise.all([trainOneStep('cpu'), trainOneStep('wasm'), trainOneStep('cpu')]);
  assert.equal(together, [alone, other, alone]);
  assert.is(memory().numTensors, before);
});

async function trainOneStep(device: TfjsDevice): Promise<{ readonly loss: number; readonly weights: Weights }> {
  const executable = await createTfjsEagerBackend({ device }).compile(programs);
  await executable.writeVariables(initializeVariables(variables, createRng(1)));
  const { loss } = await executable.run('train', { images, labels, ...optimizerFeeds(sgd, 0.1, 0) }, ['loss']);
  const weights = await executable.readVariables();
  executable.dispose();
  return { loss: loss?.[0] ?? Number.NaN, weights };
}

test.run();
