import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { bakeNormalization } from '@precrop/sdk/export/bake-normalization';
import { foldBatchNorm } from '@precrop/sdk/export/fold';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { toInference } from '@precrop/sdk/program/training-step';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { computeLogits, createImages, createModel } from '../../support/model-zoo.js';
import { allNear } from '../../support/near.js';

for (const name of ['resnet-20-w4', 'mobilenet-v2-x0.35-cifar', 'shufflenet-v1-g3-x0.5-cifar', 'shufflenet-v2-x0.5-cifar', 'vgg-11']) {
  test(`${name} gives the same logits once folded, and has no batch norm left`, async () => {
    const model = createModel(createArchitecture(name));
    const folded = foldBatchNorm(model);
    assert.not(folded.architecture.nodes.some(({ op }) => op === 'batch-norm'));
    assert.equal(
      [...folded.weights.keys()].sort(),
      toInference(folded.architecture)
        .variables.map(({ name }) => name)
        .sort(),
    );
    const images = createImages(model.architecture, 2);
    allNear(await computeLogits(folded, images), await computeLogits(model, images), 1e-4);
  });
}

test('a batch norm stays where its convolution has another reader, or where there is none', async () => {
  const architecture: Architecture = {
    name: 'two-readers',
    input: [4, 4, 3],
    classes: 3,
    nodes: [
      { id: 'first', op: 'batch-norm', inputs: ['input'], epsilon: 1e-3, momentum: 0.9 },
      {
        id: 'conv',
        op: 'conv',
        inputs: ['first'],
        outChannels: 3,
        kernel: [3, 3],
        strides: [1, 1],
        padding: 'same',
        groups: 1,
        bias: true,
      },
      { id: 'norm', op: 'batch-norm', inputs: ['conv'], epsilon: 1e-3, momentum: 0.9 },
      { id: 'sum', op: 'add', inputs: ['conv', 'norm'] },
      { id: 'pool', op: 'global-avg-pool', inputs: ['sum'] },
    ],
    output: 'pool',
  };
  const model = createModel(architecture);
  assert.equal(foldBatchNorm(model), model);
});

test('a baked-in normalisation gives for pixels what the model gave for normalised ones', async () => {
  const model = {
    ...createModel(createArchitecture('resnet-20-w4')),
    metadata: { normalization: { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] } },
  };
  const { mean, std } = model.metadata.normalization;
  const pixels = createImages(model.architecture, 2);
  const normalised = pixels.map((value, index) => (value - (mean[index % 3] ?? 0)) / (std[index % 3] ?? 1));
  const baked = bakeNormalization(model);
  assert.is(baked.metadata.normalization, undefined);
  allNear(await computeLogits(foldBatchNorm(baked), pixels), await computeLogits(model, normalised), 1e-4);
});

test.run();
