// @serial
import { benchInference } from '@precrop/device-agent/bench/inference';
import { findFastest, layersName } from '@precrop/device-agent/bench/inference-document';
import { jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { createContext } from '@precrop/sdk/core/context';
import type { PreCropError } from '@precrop/sdk/core/errors';
import type { RunEvent } from '@precrop/sdk/core/events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const length = { leastRounds: 2, mostRounds: 2, blockMs: 1, warmUpMs: 0 };
const bench = {
  architecture: createArchitecture('resnet-20-w2'),
  batches: [2, 3],
  runtimes: ['onnxruntime/cpu', 'onnxruntime/coreml', 'onnxruntime/dml', 'tfjs/cpu'],
  threads: [1, 2],
  length,
};
const hasNative = 'device' in (await createTensorflowGraphBackend().probe());

test('every runtime runs at every batch and number of threads, in processes of their own, and ends in one document', async () => {
  const { summary, results, conditions } = await benchInference(bench, createContext()).then((document) => {
    jsonDocumentSchema.parse(JSON.parse(JSON.stringify(document)));
    return document;
  });
  const fastest = findFastest(results, 2);
  assert.is(summary.fastestRuntime, fastest?.runtime);
  assert.is(summary.fastestMs, fastest?.medianMs);
  for (const batch of bench.batches) {
    const settings = results.filter((row) => row.batch === batch && row.medianMs !== null).map((row) => `${row.runtime} ${row.threads}`);
    const layers = hasNative ? [`${layersName} 1`, `${layersName} 2`] : [];
    // tfjs/cpu has one thread, whatever it is given.
    assert.equal(settings, ['onnxruntime/cpu 1', 'onnxruntime/cpu 2', 'tfjs/cpu 1', ...layers]);
  }
  const absent = results.filter(({ medianMs }) => medianMs === null);
  assert.ok(absent.some(({ runtime }) => runtime === 'onnxruntime/coreml' || runtime === 'onnxruntime/dml'));
  for (const { reasons } of absent.filter(({ runtime }) => runtime !== layersName))
    assert.match(reasons.join(), /^It is (absent|broken): .+\.$/);
  if (hasNative) {
    assert.ok((summary.speedupOverTfjsLayers ?? 0) > 0);
    assert.ok(results.filter(({ medianMs }) => medianMs !== null).every(({ timesBound }) => (timesBound ?? 0) > 0));
  }
  assert.ok(conditions.versions['onnx-runtime']);
});

test('what does not fit into the time is left out with the reason, and it ends', async () => {
  const short = { ...bench, runtimes: ['onnxruntime/cpu', 'tfjs/cpu'], threads: [1], length: { ...length, limitMs: 1 } };
  const { results } = await benchInference(short, createContext());
  assert.ok(results.some(({ batch, medianMs }) => batch === 2 && medianMs !== null));
  const late = results.filter(({ batch }) => batch === 3);
  assert.is(late.length, 2);
  for (const { reasons } of late) assert.match(reasons.join(), /1\.00 ms of the whole measurement had passed/);
});

test('a call that takes too long is stopped, and its row says so', async () => {
  const impatient = { ...length, patienceMs: 1, mostCallMs: 1 };
  const { results, verdict } = await benchInference(
    { ...bench, batches: [64], runtimes: ['tfjs/cpu'], threads: [1], length: impatient },
    createContext(),
  );
  const row = results.find(({ runtime }) => runtime === 'tfjs/cpu');
  assert.is(row?.medianMs, null);
  assert.match(row?.reasons.join() ?? '', /A call (had not ended after|takes)/);
  assert.is(verdict, 'invalid');
});

test('cancelling ends it and its processes', async () => {
  const controller = new AbortController();
  const emit = (event: RunEvent): void => {
    if (event.type === 'progress') controller.abort();
  };
  const context = createContext({ signal: controller.signal, emit });
  const endless = { ...bench, batches: [1], runtimes: ['onnxruntime/cpu'], threads: [1], length: { leastRounds: 1e6, mostRounds: 1e6 } };
  const error: PreCropError = await benchInference(endless, context).then(
    () => assert.unreachable('It went on.'),
    (reason) => reason,
  );
  assert.is(error.code, 'cancelled');
});

test('a batch, a number of threads or a runtime that cannot be is refused with the value', async () => {
  const messageOf = (wrong: object): Promise<string> =>
    benchInference({ ...bench, ...wrong }, createContext()).then(
      () => '',
      (error: Error) => error.message,
    );
  assert.is(await messageOf({ batches: [1, 0] }), 'The batch is 0, but must be a whole number of at least 1.');
  assert.is(await messageOf({ threads: [1.5] }), 'The number of threads is 1.5, but must be a whole number of at least 1.');
  const elsewhere = process.platform === 'darwin' ? 'dml' : 'coreml';
  assert.match(await messageOf({ runtimes: [`onnxruntime/${elsewhere}`] }), 'None of these runtimes can be used on this machine');
});

test.run();
