// @serial
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { exportModel } from '@precrop/sdk/export/registry';
import { createTfliteRuntime } from '@precrop/sdk/runtimes/tflite/node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createImages, createModel } from '../../../support/model-zoo.js';
import { allNear } from '../../../support/near.js';
import { isPointwise, zeroSmallest } from '../../../support/zero-smallest.js';

const rounds = 9;

test('MobileNetV2 whose 1x1 kernels are zero to 90 % runs faster from a sparse file than from a dense one, and is smaller', async () => {
  const model = zeroSmallest(createModel(createArchitecture('mobilenet-v2-x1.0')), 0.9, isPointwise);
  const [dense, sparse] = await Promise.all([false, true].map((sparse) => exportModel(model, 'tflite', { sparse })));
  if (!dense || !sparse) return assert.unreachable();
  const bytes = [dense, sparse].map(({ files }) => [...files.values()][0]?.length ?? 0);
  assert.ok((bytes[1] ?? 0) < 0.6 * (bytes[0] ?? 0), `${bytes[1]} of ${bytes[0]} bytes`);

  const runtime = createTfliteRuntime();
  const sessions = [await runtime.load(dense, { threads: 1 }), await runtime.load(sparse, { threads: 1 })];
  const images = createImages(model.architecture, 1);
  const [expected, actual] = [await sessions[0]?.infer(images), await sessions[1]?.infer(images)]; // warms both up
  allNear(actual ?? [], expected ?? [0], 1e-4);

  // In turn, and the fastest of each: whatever else the machine does only slows down.
  const fastest = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round++) {
    for (const [index, session] of sessions.entries()) {
      const start = performance.now();
      await session.infer(images);
      fastest[index] = Math.min(fastest[index] ?? 0, performance.now() - start);
    }
  }
  for (const session of sessions) await session.dispose();
  const ratio = (fastest[0] ?? 0) / (fastest[1] ?? 1);
  assert.ok(ratio > 1.5, `only ${ratio.toFixed(2)} times as fast`);
  process.stdout.write(`${ratio.toFixed(2)} times as fast from ${bytes[1]} instead of ${bytes[0]} bytes\n`);
});

test.run();
