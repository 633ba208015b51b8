// @serial
import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { createLayersTrainer } from '@precrop/sdk/backends/tfjs-layers/layers-trainer';
import { BackendError, UsageError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import { validateArchitecture } from '@precrop/sdk/ir/validate';
import { toInference, toTrainingStep } from '@precrop/sdk/program/training-step';
import { collectVariables, initializeVariables } from '@precrop/sdk/program/variables';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';
import { skip } from '../../support/skip.js';

const recipe = { learningRate: 0.05, momentum: 0.9, nesterov: true };
const batch = 6;

const same = { kernel: [3, 3], padding: 'same' } as const;
const nodes: readonly Node[] = [
  { id: 'stem.conv', op: 'conv', inputs: ['input'], outChannels: 4, ...same, strides: [1, 1], groups: 1, bias: true },
  { id: 'stem.bn', op: 'batch-norm', inputs: ['stem.conv'], epsilon: 1e-3, momentum: 0.9 },
  { id: 'stem.relu', op: 'relu', inputs: ['stem.bn'] },
  { id: 'wide.depthwise', op: 'depthwise-conv', inputs: ['stem.relu'], ...same, strides: [2, 2], bias: true },
  { id: 'wide.bn', op: 'batch-norm', inputs: ['wide.depthwise'], epsilon: 1e-5, momentum: 0.99 },
  { id: 'wide.relu', op: 'relu6', inputs: ['wide.bn'] },
  { id: 'max', op: 'max-pool', inputs: ['stem.relu'], ...same, strides: [2, 2] },
  { id: 'avg', op: 'avg-pool', inputs: ['stem.relu'], ...same, strides: [2, 2] },
  { id: 'sum', op: 'add', inputs: ['wide.relu', 'max'] },
  { id: 'both', op: 'concat', inputs: ['sum', 'avg'] },
  {
    id: 'last.conv',
    op: 'conv',
    inputs: ['both'],
    outChannels: 5,
    kernel: [2, 2],
    padding: 'valid',
    strides: [1, 1],
    groups: 1,
    bias: false,
  },
  { id: 'head.pool', op: 'global-avg-pool', inputs: ['last.conv'] },
  { id: 'head.fc', op: 'dense', inputs: ['head.pool'], outChannels: 3, bias: true },
];
const network: Architecture = { name: 'every-layer', input: [9, 7, 3], classes: 3, nodes, output: 'head.fc' };
validateArchitecture(network);

const rng = createRng(4);
const images = Float32Array.from({ length: batch * 9 * 7 * 3 }, () => rng.normal());
const labels = Int32Array.from({ length: batch }, () => rng.integer(0, 2));

const programs = [toInference(network), toTrainingStep(network, { kind: 'sgd', weightDecay: 0, ...recipe }, { labelSmoothing: 0 })];
const variables = collectVariables(programs);
const weights = initializeVariables(variables, rng);
for (const { name, role } of variables) {
  // First values that would hide a mix-up are replaced.
  if (role !== 'slot' && role !== 'kernel')
    weights.set(
      name,
      (weights.get(name) as Float32Array).map(() => 0.5 + rng.uniform()),
    );
}

const backend = createTensorflowGraphBackend();
const probe = await backend.probe();
if ('device' in probe) {
  test('with the same weights it gives the same probabilities, and trains in the same way', async () => {
    const ours = await backend.compile(programs);
    await ours.writeVariables(weights);
    const theirs = createLayersTrainer(network, recipe);
    theirs.writeWeights(weights);

    const { probabilities } = await ours.run('infer', { images });
    compare(theirs.predict(images), probabilities as Float32Array);
    for (let step = 0; step < 4; step++) {
      const { loss } = await ours.run('train', { images, labels, learningRate: recipe.learningRate }, ['loss']);
      near(await theirs.trainOnBatch(images, labels), loss?.[0] as number, 1e-4);
    }
    ours.dispose();
    theirs.dispose();
  });

  test('steps leave no tensor behind', async () => {
    const trainer = createLayersTrainer(network, recipe);
    await trainer.trainOnBatch(images, labels);
    const tensors = trainer.countTensors();
    for (let step = 0; step < 3; step++) await trainer.trainOnBatch(images, labels);
    trainer.predict(images);
    trainer.writeWeights(weights);
    assert.is(trainer.countTensors(), tensors);
    trainer.dispose();
  });

  test('what tfjs-layers cannot hold is refused in a sentence that names the node', () => {
    for (const [node, words] of [
      [{ id: 'x', op: 'channel-shuffle', inputs: ['stem.relu'], groups: 2 }, /"x" is a channel-shuffle/],
      [{ id: 'x', op: 'split', inputs: ['stem.relu'], parts: 2, part: 0 }, /"x" is a split/],
      [
        { id: 'x', op: 'conv', inputs: ['stem.relu'], outChannels: 4, ...same, strides: [1, 1], groups: 2, bias: false },
        /convolution in 2 groups/,
      ],
      [
        { id: 'x', op: 'max-pool', inputs: ['stem.relu'], kernel: [3, 3], strides: [2, 2], padding: [0, 0, 1, 1] },
        /padding of 0, 0, 1, 1 pixels/,
      ],
    ] as const) {
      const odd = { ...network, nodes: [...nodes.slice(0, 3), node as Node], output: 'x' };
      assert.throws(
        () => createLayersTrainer(odd, recipe),
        (error: unknown) => error instanceof BackendError && words.test(error.message),
      );
    }
  });

  test('pixels of padding that are those of "same" need no name', () => {
    const padded = nodes.map((node) =>
      node.id === 'stem.conv' && node.op === 'conv' ? { ...node, padding: [1, 1, 1, 1] as const } : node,
    );
    createLayersTrainer({ ...network, nodes: padded }, recipe).dispose();
  });

  test('weights that are missing are named', () => {
    const trainer = createLayersTrainer(network, recipe);
    const fewer = new Map([...weights].filter(([name]) => name !== 'wide.bn/offset'));
    assert.throws(
      () => trainer.writeWeights(fewer),
      (error: unknown) => error instanceof UsageError && /"wide\.bn\/offset"/.test(error.message),
    );
    trainer.dispose();
  });
} else skip(test, 'tfjs-layers against our programs', probe.reason);

function compare(actual: Float32Array, expected: Float32Array): void {
  assert.is(actual.length, batch * network.classes);
  actual.forEach((value, index) => {
    near(value, expected[index] as number, 1e-4);
  });
}

test.run();
