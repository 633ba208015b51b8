import { spawn } from 'node:child_process';
import { createContext } from '@precrop/sdk/core/context';
import { CancelledError, DataError } from '@precrop/sdk/core/errors';
import type { RunEvent } from '@precrop/sdk/core/events';
import { createBatches } from '@precrop/sdk/data/batches';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { catchError, collect, createRandomSplit, format, options } from './fixtures.js';

const split = createRandomSplit(300);

test('a worker gives the same batches as this thread, epoch by epoch', async () => {
  for (const epoch of [0, 1]) {
    const ahead = await collect(createBatches(split, format, { ...options, epoch }));
    const inPlace = await collect(createBatches(split, format, { ...options, epoch }, { prefetch: 0 }));
    assert.is(ahead.length, 38);
    assert.equal(ahead, inPlace);
  }
});

test('a run resumed at any step sees the same bits as one that was not', async () => {
  const whole = await collect(createBatches(split, format, options, { prefetch: 0 }));
  for (const startStep of [1, 17, 37, 38]) {
    for (const prefetch of [0, 2]) {
      assert.equal(await collect(createBatches(split, format, { ...options, startStep }, { prefetch })), whole.slice(startStep));
    }
  }
});

test('batches stay what they were: none is written over by a later one', async () => {
  const source = createBatches(split, format, options, { prefetch: 1 });
  const first = (await source.next()).value;
  const copy = structuredClone(first);
  await collect(source);
  assert.equal(first, copy);
});

test('a batch is made while this thread is blocked, and taken without a turn of the event loop', async () => {
  const source = createBatches(split, format, options);
  await source.next();
  let withoutTurn = 0;
  for (let step = 1; step < 20; step++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20); // blocked, as by a native call
    let turned = false;
    const turn = setImmediate(() => {
      turned = true;
    });
    await source.next();
    if (!turned) withoutTurn++;
    clearImmediate(turn);
    assert.ok(source.prefetching);
  }
  assert.ok(withoutTurn >= 10, `${withoutTurn} of 19`);
  await source.close();
});

test('leaving the loop early ends the worker, and the source then has no more', async () => {
  const source = createBatches(split, format, options);
  for await (const batch of source) {
    assert.is(batch.labels.length, 8);
    assert.ok(source.prefetching);
    break;
  }
  assert.not(source.prefetching);
  assert.equal(await source.next(), { done: true, value: undefined });
  await source.close();
});

test('a cancelled context ends the epoch with CancelledError and the worker with it', async () => {
  const cancel = new AbortController();
  const source = createBatches(split, format, options, { context: createContext({ signal: cancel.signal }) });
  await source.next();
  cancel.abort();
  assert.instance(await catchError(() => source.next()), CancelledError);
  assert.not(source.prefetching);
});

test('where no worker can be started, the same batches are made in place, with one warning', async () => {
  const events: RunEvent[] = [];
  const context = createContext({ emit: (event) => events.push(event) });
  const uncloneable = { ...split, name: () => 'a function cannot be sent to a worker' };
  const source = createBatches(uncloneable, format, options, { context });
  assert.not(source.prefetching);
  assert.equal(await collect(source), await collect(createBatches(split, format, options, { prefetch: 0 })));
  assert.equal(
    events.map(({ type }) => type),
    ['warning'],
  );
});

test('an error in the worker reaches the caller as itself', async () => {
  const source = createBatches(split, { ...format, width: 8 }, options);
  assert.instance(await catchError(() => source.next()), DataError);
  assert.not(source.prefetching);
});

const endings: Readonly<Record<string, string>> = {
  'after the last batch': 'for await (const batch of source);',
  'after one batch, not closed': 'await source.next();',
  'before the first batch, not closed': '',
};
for (const [name, body] of Object.entries(endings)) {
  test(`the process ends by itself ${name}`, async () => {
    const address = (path: string): string => JSON.stringify(import.meta.resolve(path));
    const script = `import { createBatches } from ${address('@precrop/sdk/data/batches')};
      import { createRandomSplit, format, options } from ${address('./fixtures.js')};
      const source = createBatches(createRandomSplit(300), format, options);
      ${body}
      process.stdout.write('done');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.equal({ code, said }, { code: 0, said: 'done' });
  });
}

test.run();
