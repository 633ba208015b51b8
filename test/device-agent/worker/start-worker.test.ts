import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startWorker, type WorkerHandle } from '@precrop/device-agent/worker/start-worker';
import { createContext, type RunContextOptions } from '@precrop/sdk/core/context';
import { BackendError, CancelledError, PreCropError } from '@precrop/sdk/core/errors';
import type { RunEvent } from '@precrop/sdk/core/events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FixtureInput, FixtureMethods } from './fixture-service.js';

const service = new URL('./fixture-service.js', import.meta.url);
const running: WorkerHandle<FixtureMethods>[] = [];

async function start(
  input: FixtureInput = {},
  options: RunContextOptions & { threads?: number } = {},
): Promise<WorkerHandle<FixtureMethods>> {
  const { threads, ...context } = options;
  const worker = await startWorker<FixtureMethods>(service, input, {
    context: createContext(context),
    ...(threads === undefined ? {} : { threads }),
  });
  running.push(worker);
  return worker;
}

async function errorOf(promise: Promise<unknown>): Promise<PreCropError> {
  const error = await promise.then(
    (result) => assert.unreachable(`It gave ${result}.`),
    (reason: unknown) => reason,
  );
  assert.instance(error, PreCropError);
  return error as PreCropError;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function waitUntilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(20);
}

test.after.each(async () => {
  for (const worker of running.splice(0)) {
    worker.kill();
    await waitUntilGone(worker.pid);
  }
});

test('input, parameters and results cross as they are, typed arrays too, several calls at a time', async () => {
  const worker = await start({ values: Float32Array.of(1, 2, 3.5) });
  const values = Float32Array.from({ length: 50_000 }, (_, index) => index);
  const [sum, doubled] = await Promise.all([worker.call('sum'), worker.call('double', { values })]);
  assert.is(sum, 6.5);
  assert.instance(doubled, Float32Array);
  assert.is(doubled.length, values.length);
  assert.ok(doubled.every((value, index) => value === 2 * index));
});

test('it is another process, and its memory is told', async () => {
  const worker = await start();
  assert.is.not(worker.pid, process.pid);
  const { peakRssBytes, rssBytes } = await worker.peakRss();
  assert.ok(rssBytes > 10e6 && peakRssBytes >= rssBytes, `${rssBytes} of ${peakRssBytes}`);
});

test('an error keeps its code, sentence and details', async () => {
  const worker = await start();
  const error = await errorOf(worker.call('fail'));
  assert.is(error.code, 'usage');
  assert.is(error.message, 'A width is 0, but must be at least 1.');
  assert.equal(error.details, { width: 0 });
  assert.is(await worker.call('sum'), 0, 'the worker goes on');
});

test('a service that cannot be made says why and leaves no process', async () => {
  const error = await errorOf(start({ failToStart: true }));
  assert.is(error.message, 'The fixture was told to fail.');
  assert.equal(error.details, { told: true });
  while (process.getActiveResourcesInfo().includes('ProcessWrap')) await sleep(20);
});

test('an unknown method and an unknown service are sentences', async () => {
  const worker = await start();
  const error = await errorOf((worker as WorkerHandle<{ no(): Promise<void> }>).call('no'));
  assert.match(error.message, /no method "no"\. It has: sum, double/);
  assert.match((await errorOf(startWorker('nothing' as never, undefined as never, { context: createContext() }))).message, /"nothing"/);
});

test('a crash rejects every call that waits and every later one, with the signal', async () => {
  const worker = await start();
  const [waiting, crashed] = await Promise.all([errorOf(worker.call('waitForCancel')), errorOf(worker.call('crash'))]);
  for (const error of [waiting, crashed, await errorOf(worker.call('sum'))]) {
    assert.instance(error, BackendError);
    assert.match(error.message, /ended with signal SIGSEGV/);
    assert.is(error.details['signal'], 'SIGSEGV');
  }
  await worker.close();
});

test('an exit tells its code and what was written last', async () => {
  const worker = await start();
  const error = await errorOf(worker.call('exit', { code: 7, words: 'Check failed: rank == 4' }));
  assert.match(error.message, /exit code 7.*Check failed: rank == 4/);
});

test('events arrive before the result, the last state never lost', async () => {
  const events: RunEvent[] = [];
  const worker = await start({}, { emit: (event) => events.push(event) });
  await worker.call('count', { steps: 5000 });
  const done = events.map((event) => (event.type === 'progress' ? event.done : 0));
  assert.is(done.at(-1), 5000);
  assert.ok(done.length < 500, `${done.length} events`);
  assert.ok(done.every((value, index) => index === 0 || value > (done[index - 1] as number)));
});

test("cancelling aborts the service's signal with the reason, and the worker can still answer", async () => {
  const controller = new AbortController();
  const emit = (event: RunEvent): void => {
    if (event.type === 'phase') controller.abort('Enough.');
  };
  const worker = await start({}, { signal: controller.signal, emit });
  assert.is(await worker.call('waitForCancel'), 'Enough.');
  assert.is(await worker.call('sum'), 0);
  await worker.close();
});

test('a cancelled context starts nothing, and a cancelled worker that is killed was cancelled', async () => {
  const controller = new AbortController();
  const worker = await start({}, { signal: controller.signal });
  const waiting = errorOf(worker.call('crash'));
  controller.abort();
  worker.kill();
  assert.instance(await waiting, CancelledError);
  assert.is((await errorOf(start({}, { signal: AbortSignal.abort() }))).code, 'cancelled');
});

test('the seed of the context decides the randomness of the worker', async () => {
  const draws: number[] = [];
  for (const seed of [1, 1, 2]) {
    const worker = await start({}, { seed });
    draws.push(await worker.call('draw'));
  }
  assert.is(draws[0], draws[1]);
  assert.is.not(draws[0], draws[2]);
});

test('threads and quietness are in its environment', async () => {
  const worker = await start({}, { threads: 3 });
  assert.is(await worker.call('readVariable', { name: 'TF_NUM_INTRAOP_THREADS' }), '3');
  assert.is(await worker.call('readVariable', { name: 'TF_CPP_MIN_LOG_LEVEL' }), process.env['TF_CPP_MIN_LOG_LEVEL'] ?? '3');
});

test('closing ends the process', async () => {
  const worker = await start();
  await worker.close();
  await waitUntilGone(worker.pid);
});

if (process.platform !== 'win32') {
  test("the terminal's Ctrl-C is the parent's to decide", async () => {
    const worker = await start();
    process.kill(worker.pid, 'SIGINT');
    await sleep(50);
    assert.is(await worker.call('sum'), 0);
  });
}

test('a parent that is killed leaves no worker behind', async () => {
  const parent = fork(fileURLToPath(new URL('./fixture-parent.js', import.meta.url)));
  const [pid] = (await once(parent, 'message')) as [number];
  assert.ok(isAlive(pid));
  parent.kill('SIGKILL');
  await waitUntilGone(pid);
});

test.run();
