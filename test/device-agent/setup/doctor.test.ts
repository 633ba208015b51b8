import { type NamedProbe, toDoctorReport } from '@precrop/device-agent/setup/doctor';
import type { NativeLibrary } from '@precrop/device-agent/setup/native-library';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ready: NativeLibrary = { status: 'ready', version: '2.21.0', libraryPath: '/cache/lib', how: 'cached' };
const absent: NativeLibrary = { status: 'absent', reason: 'No pip was found.', remedy: 'Install pip.' };
const graph: NamedProbe = { name: 'tensorflow-graph', status: 'ready', version: '2.21.0', device: 'cpu' };
const broken: NamedProbe = { name: 'tensorflow-graph', status: 'broken', reason: 'Cannot open the library.' };
const eager: NamedProbe = { name: 'tfjs-eager', status: 'limited', version: '4.22.0', device: 'cpu', reason: 'Plain JavaScript is slow.' };
const gone: NamedProbe = { name: 'onnxruntime', status: 'absent', reason: 'Not installed.' };

test('every probe is one row, in order, backends first', () => {
  const { rows } = toDoctorReport({ backends: [graph, eager], runtimes: [gone, { ...graph, name: 'tensorflow' }], nativeLibrary: ready });
  assert.equal(
    rows.map(({ kind, name }) => `${kind} ${name}`),
    ['backend tensorflow-graph', 'backend tfjs-eager', 'runtime onnxruntime', 'runtime tensorflow'],
  );
});

test('what is used is the first that is ready, else the first that is limited', () => {
  const pick = (...backends: NamedProbe[]): string | null => toDoctorReport({ backends, runtimes: [], nativeLibrary: ready }).backend;
  assert.is(pick(graph, eager), 'tensorflow-graph');
  assert.is(pick(broken, eager), 'tfjs-eager');
  assert.is(pick(eager, graph), 'tensorflow-graph');
  assert.is(pick(eager, { ...eager, name: 'other' }), 'tfjs-eager');
  assert.is(pick(broken), null);
  assert.is(pick(), null);
});

test('without the native library its backends give the reason and the remedy of its set-up', () => {
  const { rows } = toDoctorReport({ backends: [broken, eager], runtimes: [gone], nativeLibrary: absent });
  assert.equal(rows[0], {
    name: 'tensorflow-graph',
    kind: 'backend',
    status: 'broken',
    version: null,
    device: null,
    reason: 'No pip was found.',
    remedy: 'Install pip.',
  });
  assert.is(rows[1]?.reason, 'Plain JavaScript is slow.');
  assert.is(rows[2]?.reason, 'Not installed.');
  assert.is(rows[2]?.remedy, null);
});

test('a backend that is broken although its library is there keeps its own reason and points to the repair', () => {
  const [row] = toDoctorReport({ backends: [broken], runtimes: [], nativeLibrary: ready }).rows;
  assert.is(row?.reason, 'Cannot open the library.');
  assert.match(row?.remedy ?? '', /doctor --repair/);
});

test('the runtime that is used is the first that is ready, a limited one only where none is', () => {
  const pick = (...runtimes: NamedProbe[]): string | null => toDoctorReport({ backends: [], runtimes, nativeLibrary: ready }).runtime;
  assert.is(pick(gone, eager, graph), 'tensorflow-graph');
  assert.is(pick(gone, eager), 'tfjs-eager');
  assert.is(pick(gone), null);
});

test('a runtime that could work here says what to do, one of another system does not', () => {
  const remedyOf = (name: string): string | null | undefined =>
    toDoctorReport({ backends: [], runtimes: [{ name, status: 'absent', reason: 'gone' }], nativeLibrary: ready }).rows[0]?.remedy;
  assert.match(remedyOf('tfjs/webgpu') ?? '', 'graphics processor');
  assert.match(remedyOf('tflite') ?? '', 'npm install');
  assert.match(remedyOf('tensorflow') ?? '', 'doctor --repair');
  assert.is(remedyOf('onnxruntime/coreml'), null);
});

test('what works needs no remedy', () => {
  for (const nativeLibrary of [ready, absent]) {
    const { rows } = toDoctorReport({ backends: [graph, eager], runtimes: [], nativeLibrary });
    assert.ok(rows.every(({ remedy }) => remedy === null));
  }
});

test.run();
