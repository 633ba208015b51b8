import { selectBackend } from '@precrop/sdk/backends/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { toGradients } from '@precrop/sdk/program/training-step';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createImages, createModel } from '../../support/model-zoo.js';
import { allNear } from '../../support/near.js';
import { skip } from '../../support/skip.js';

// Padding by one pixel on all sides at stride 2, as PyTorch's MobileNets have it: TensorFlow's `SAME` pads at the bottom and right alone.
const architecture: Architecture = {
  name: 'padded-on-all-sides',
  input: [8, 8, 3],
  classes: 4,
  nodes: [
    {
      id: 'conv',
      op: 'conv',
      inputs: ['input'],
      outChannels: 8,
      kernel: [3, 3],
      strides: [2, 2],
      padding: [1, 1, 1, 1],
      groups: 1,
      bias: false,
    },
    { id: 'norm', op: 'batch-norm', inputs: ['conv'], epsilon: 1e-3, momentum: 0.9 },
    { id: 'relu', op: 'relu6', inputs: ['norm'] },
    { id: 'depthwise', op: 'depthwise-conv', inputs: ['relu'], kernel: [3, 3], strides: [2, 2], padding: [1, 1, 1, 1], bias: false },
    { id: 'norm2', op: 'batch-norm', inputs: ['depthwise'], epsilon: 1e-3, momentum: 0.9 },
    { id: 'relu2', op: 'relu6', inputs: ['norm2'] },
    { id: 'pool', op: 'global-avg-pool', inputs: ['relu2'] },
    { id: 'dense', op: 'dense', inputs: ['pool'], outChannels: 4, bias: true },
  ],
  output: 'dense',
};

const name = 'gradients of convolutions padded on all sides are those of tfjs';
const { weights } = createModel(architecture);
const feeds = { images: createImages(architecture, 3), labels: Int32Array.of(0, 1, 3) };

async function computeGradients(backendName: string): Promise<Readonly<Record<string, Float32Array>>> {
  const program = toGradients(architecture, { labelSmoothing: 0 });
  const { backend } = await selectBackend(backendName);
  const executable = await backend.compile([program]);
  await executable.writeVariables(weights);
  const outputs = await executable.run(program.name, feeds);
  executable.dispose();
  return outputs;
}

const native = await computeGradients('tensorflow-graph').catch((error: Error) => error.message);
if (typeof native === 'string') skip(test, name, native);
else
  test(name, async () => {
    const expected = await computeGradients('tfjs-eager/cpu');
    assert.equal(Object.keys(native).sort(), Object.keys(expected).sort());
    for (const [output, values] of Object.entries(expected)) allNear(native[output] ?? [], values, 1e-5);
  });

test.run();
