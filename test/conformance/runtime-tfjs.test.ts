import { exportModel } from '@precrop/sdk/export/registry';
import { createTfjsRuntime } from '@precrop/sdk/runtimes/tfjs';
import { memory } from '@tensorflow/tfjs-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../support/every-op.js';
import { createImages, createModel } from '../support/model-zoo.js';
import { registerRuntimeTests } from './runtime-suite.js';

for (const device of ['wasm', 'cpu', 'webgpu'] as const) await registerRuntimeTests(test, `tfjs/${device}`, { slow: device !== 'wasm' });

test('tfjs keeps no tensor of a session that was disposed', async () => {
  const model = createModel(createEveryOp());
  const runtime = createTfjsRuntime({ device: 'cpu' });
  const file = await exportModel(model, 'tfjs');
  const before = memory().numTensors;
  const session = await runtime.load(file);
  const loaded = memory().numTensors;
  await session.infer(createImages(model.architecture, 2));
  assert.is(memory().numTensors, loaded);
  await session.dispose();
  assert.is(memory().numTensors, before);
});

test.run();
