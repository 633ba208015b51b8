import type { Backend, Probe } from '@precrop/sdk/backends/backend';
import { type BackendEntry, listBackends, probeBackends, selectBackend } from '@precrop/sdk/backends/registry';
import { BackendError, UsageError } from '@precrop/sdk/core/errors';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ready: Probe = { status: 'ready', device: 'a CPU', version: '1' };
const limited: Probe = { status: 'limited', device: 'a CPU', version: '1', reason: 'slow' };
const absent: Probe = { status: 'absent', reason: 'no library' };

function toEntry(name: string, probe: Probe): BackendEntry {
  const backend: Backend = { name, probe: async () => probe, compile: () => Promise.reject(new Error('not for use')) };
  return { name, load: async () => backend };
}

function broken(name: string): BackendEntry {
  return { name, load: () => Promise.reject(new Error('Cannot find package')) };
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

test('the ladder goes from the native backend to the one that always works', () => {
  assert.equal(
    listBackends().map(({ name }) => name),
    ['tensorflow-graph', 'tfjs-eager/webgpu', 'tfjs-eager/wasm', 'tfjs-eager/cpu'],
  );
});

test('the loaded backend has the name of its entry', async () => {
  for (const { name, load } of listBackends()) assert.is((await load()).name, name);
});

test('tfjs-eager/cpu can be used on every machine, and says why it is limited', async () => {
  const probed = await probeBackends();
  const last = probed.at(-1);
  assert.is(last?.name, 'tfjs-eager/cpu');
  assert.is(last?.probe.status, 'limited');
  assert.ok(last?.probe.reason);
});

test('tfjs-eager/wasm is ready on every machine', async () => {
  const choice = await selectBackend('tfjs-eager/wasm');
  assert.is(choice.probe.status, 'ready', 'reason' in choice.probe ? choice.probe.reason : '');
});

test('auto takes the first that is ready and tells why others were passed over', async () => {
  const choice = await selectBackend('auto', [toEntry('a', absent), broken('b'), toEntry('c', limited), toEntry('d', ready)]);
  assert.is(choice.backend.name, 'd');
  assert.equal(choice.probe, ready);
  assert.equal(choice.passedOver, [
    { name: 'a', probe: absent },
    { name: 'b', probe: { status: 'broken', reason: 'Cannot find package' } },
    { name: 'c', probe: limited },
  ]);
});

test('where none is ready, auto takes the first that is limited', async () => {
  const choice = await selectBackend('auto', [toEntry('a', absent), toEntry('b', limited), toEntry('c', limited), broken('d')]);
  assert.is(choice.backend.name, 'b');
  assert.equal(choice.passedOver, [{ name: 'a', probe: absent }]);
});

test('a name takes that one, though a better one is ready', async () => {
  const choice = await selectBackend('b', [toEntry('a', ready), toEntry('b', limited)]);
  assert.is(choice.backend.name, 'b');
  assert.equal(choice.passedOver, []);
});

test('a named one that cannot be used is an error with its reason: no other takes its place', async () => {
  const error = await errorOf(selectBackend('a', [toEntry('a', absent), toEntry('b', ready)]));
  assert.instance(error, BackendError);
  assert.match((error as Error).message, /a is absent: no library/);
});

test('where none can be used, all reasons are told', async () => {
  const error = await errorOf(selectBackend('auto', [toEntry('a', absent), broken('b')]));
  assert.instance(error, BackendError);
  assert.match((error as Error).message, /a is absent: no library; b is broken: Cannot find package/);
});

test('an unknown name is answered with all names', async () => {
  const error = await errorOf(selectBackend('cuda', [toEntry('a', ready), toEntry('b', ready)]));
  assert.instance(error, UsageError);
  assert.match((error as Error).message, /There is no backend "cuda"\. There are: auto, a, b\./);
});

test.run();
