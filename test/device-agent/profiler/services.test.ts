// @serial
import { createDeviceInstruments } from '@precrop/device-agent/profiler/device-instruments';
import { measureMemory } from '@precrop/device-agent/profiler/measure-memory';
import { createSweepNetwork } from '@precrop/device-agent/profiler/sweep-network';
import type { Effort } from '@precrop/device-agent/profiler/time-network';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { createContext } from '@precrop/sdk/core/context';
import type { PreCropError } from '@precrop/sdk/core/errors';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/skip.js';

const context = createContext();
const instruments = createDeviceInstruments({ threads: 1 }, context);
const effort: Effort = { blockMs: 1, leastBlocks: 3, budgetMs: 20 };
const [narrow, wide] = [createSweepNetwork(4), createSweepNetwork(64)];

test('one process times networks in turn, and the one with more work takes longer', async () => {
  const timer = await instruments.openEngine('inference', 'onnxruntime/cpu');
  try {
    assert.is(timer.state.status, 'ready');
    assert.match(timer.state.version, /\d/);
    const [a, b] = [
      await timer.time({ architecture: narrow, batch: 1 }, effort),
      await timer.time({ architecture: wide, batch: 4 }, effort),
    ];
    assert.ok(a.medianMs > 0 && a.medianMs < b.medianMs, `${a.medianMs} and ${b.medianMs} ms`);
    assert.is(a.threads, 1);
    assert.ok(a.lowMs <= a.medianMs && a.medianMs <= a.highMs);
    assert.is.not(a.verdict, 'valid', 'three blocks are too few to see whether it repeats');
  } finally {
    await timer.close();
  }
});

test('a fresh process takes more for a network with more weights and images', async () => {
  const measure = (architecture: typeof narrow, batch: number) =>
    measureMemory({ architecture, batch, runtime: 'onnxruntime/cpu', threads: 1, processes: 1 }, context);
  const [least, most] = [await measure(narrow, 1), await measure(createArchitecture('vgg-11'), 8)];
  assert.ok(least.peakBytes > 5e6 && least.peakBytes < 300e6, `${least.peakBytes}`);
  assert.ok(most.peakBytes > least.peakBytes + 36e6, 'the weights of vgg-11 alone are 37 MB');
  assert.equal(least.samplesBytes, [least.peakBytes]);
});

test('an engine that is not there ends in its sentence, and leaves no process', async () => {
  const error: PreCropError = await instruments.openEngine('inference', 'onnxruntime/none').then(
    () => assert.unreachable('It opened.'),
    (reason) => reason,
  );
  assert.match(error.message, /There is no runtime "onnxruntime\/none"/);
});

test('rates are told without a backend too', async () => {
  const { peakGflops, bandwidthGbPerS } = await instruments.measureRates(undefined);
  for (const rate of [peakGflops, bandwidthGbPerS]) assert.ok(rate > 0.1 && rate < 1e6, `${rate}`);
});

const probe = await createTensorflowGraphBackend().probe();
if ('device' in probe) {
  test('training steps are timed, and more images take longer', async () => {
    const timer = await instruments.openEngine('training', 'tensorflow-graph');
    try {
      const [a, b] = [
        await timer.time({ architecture: narrow, batch: 1 }, effort),
        await timer.time({ architecture: wide, batch: 16 }, effort),
      ];
      assert.ok(a.medianMs > 0 && a.medianMs < b.medianMs, `${a.medianMs} and ${b.medianMs} ms`);
    } finally {
      await timer.close();
    }
  });
} else skip(test, 'training steps are timed', probe.reason);

test.run();
