import type { Probe } from '@precrop/sdk/backends/backend';
import { BackendError, UsageError } from '@precrop/sdk/core/errors';
import type { FormatName } from '@precrop/sdk/export/format';
import { listRuntimes, probeRuntimes, type RuntimeEntry, selectRuntime } from '@precrop/sdk/runtimes/registry';
import type { Runtime } from '@precrop/sdk/runtimes/runtime';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ready: Probe = { status: 'ready', device: 'a CPU', version: '1' };
const limited: Probe = { status: 'limited', device: 'a CPU', version: '1', reason: 'slow' };
const absent: Probe = { status: 'absent', reason: 'no library' };

function toEntry(name: string, probe: Probe, format: FormatName = 'onnx'): RuntimeEntry {
  const runtime: Runtime = { name, format, probe: async () => probe, load: () => Promise.reject(new Error('not for use')) };
  return { name, format, load: async () => runtime };
}

function broken(name: string): RuntimeEntry {
  return { name, format: 'tflite', load: () => Promise.reject(new Error('Cannot find package')) };
}

async function errorOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => assert.unreachable('it was taken'),
    (reason: Error) => reason,
  ) as Promise<Error>;
}

test('each entry loads the runtime of its name and format', async () => {
  for (const { name, format, load } of listRuntimes()) {
    const runtime = await load();
    assert.equal([runtime.name, runtime.format], [name, format]);
  }
});

test('names are those of the documentation, the best first and the slowest last', () => {
  assert.equal(
    listRuntimes().map(({ name }) => name),
    [
      'onnxruntime/cpu',
      'onnxruntime/coreml',
      'onnxruntime/dml',
      'onnxruntime/webgpu',
      'sparse-wasm',
      'tensorflow',
      'tflite',
      'tfjs/webgpu',
      'tfjs/wasm',
      'tfjs/cpu',
    ],
  );
});

test('every format has a runtime that needs no native library but its own package, and runs on every machine', async () => {
  for (const [format, name] of [
    ['onnx', 'onnxruntime/cpu'],
    ['tflite', 'tflite'],
    ['tfjs', 'tfjs/wasm'],
  ] as const) {
    const choice = await selectRuntime(name, format);
    assert.is(choice.probe.status, 'ready');
  }
});

test('all are asked, and one whose code cannot be loaded is broken', async () => {
  assert.equal(await probeRuntimes([toEntry('a', absent), broken('b')]), [
    { name: 'a', format: 'onnx', probe: absent },
    { name: 'b', format: 'tflite', probe: { status: 'broken', reason: 'Cannot find package' } },
  ]);
});

test('auto takes the first that is ready, and tells what the better ones answered', async () => {
  const choice = await selectRuntime('auto', undefined, [toEntry('a', absent), broken('b'), toEntry('c', limited), toEntry('d', ready)]);
  assert.is(choice.runtime.name, 'd');
  assert.equal(choice.probe, ready);
  assert.equal(
    choice.passedOver.map(({ name, probe }) => [name, probe.status]),
    [
      ['a', 'absent'],
      ['b', 'broken'],
      ['c', 'limited'],
    ],
  );
});

test('a limited one is taken where no other is ready', async () => {
  const choice = await selectRuntime('auto', undefined, [toEntry('a', absent), toEntry('b', limited), toEntry('c', limited), broken('d')]);
  assert.is(choice.runtime.name, 'b');
  assert.equal(
    choice.passedOver.map(({ name }) => name),
    ['a'],
    'worse ones were not passed over',
  );
});

test('a format leaves those that load it', async () => {
  const entries = [toEntry('a', ready), toEntry('b', ready, 'tflite')];
  assert.is((await selectRuntime('auto', 'tflite', entries)).runtime.name, 'b');
  const error = await errorOf(selectRuntime('a', 'tflite', entries));
  assert.instance(error, UsageError);
  assert.is(error.message, 'The runtime "a" loads onnx files, and this is a tflite file. Those that load it are: b.');
});

test("a family's name takes its best, a whole name that one", async () => {
  const entries = [toEntry('ort/cpu', absent), toEntry('ort/gpu', ready), toEntry('ort/npu', ready), toEntry('orthogonal', ready)];
  assert.is((await selectRuntime('ort', undefined, entries)).runtime.name, 'ort/gpu');
  assert.is((await selectRuntime('ort/npu', undefined, entries)).runtime.name, 'ort/npu');
  const error = await errorOf(selectRuntime('ort/cpu', undefined, entries));
  assert.instance(error, BackendError);
  assert.match(error.message, /ort\/cpu is absent: no library/);
});

test('where none can be used, all reasons are told', async () => {
  const error = await errorOf(selectRuntime('auto', undefined, [toEntry('a', absent), broken('b')]));
  assert.instance(error, BackendError);
  assert.match(error.message, /a is absent: no library; b is broken: Cannot find package/);
});

test('an unknown name is answered with all names', async () => {
  const error = await errorOf(selectRuntime('openvino', undefined, [toEntry('ort/cpu', ready), toEntry('tflite', ready)]));
  assert.instance(error, UsageError);
  assert.is(error.message, 'There is no runtime "openvino". There are: auto, ort/cpu, tflite.');
});

test.run();
