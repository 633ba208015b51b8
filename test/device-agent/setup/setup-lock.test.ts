import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '@precrop/device-agent/setup/setup-lock';
import { CancelledError } from '@precrop/sdk/core/errors';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const { signal } = new AbortController();

test('no two hold it at once, and everyone gets it', () =>
  withFolder(async (lock) => {
    let inside = 0;
    let most = 0;
    let done = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await sleep(5);
      inside--;
      done++;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(lock, { signal, pollMs: 1 }, work)));
    assert.is(most, 1);
    assert.is(done, 8);
  }));

test('it is given back when the work fails, and nothing stays behind', () =>
  withFolder(async (lock, folder) => {
    const failure = new Error('work failed');
    const thrown = await withLock(lock, { signal }, () => Promise.reject(failure)).catch((error: unknown) => error);
    assert.is(thrown, failure);
    assert.equal(await readdir(folder), []);
    assert.is(await withLock(lock, { signal }, async () => 'again'), 'again');
  }));

test('the lock of a process that has died is taken over', () =>
  withFolder(async (lock) => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await hold(lock, { pid, host: hostname() });
    assert.is(await withLock(lock, { signal, onWait: neverWaits }, async () => 'mine'), 'mine');
  }));

test('so is one that nobody has touched for a minute, whoever holds it', () =>
  withFolder(async (lock) => {
    await hold(lock, { pid: process.pid, host: 'another-machine' });
    const longAgo = new Date(Date.now() - 120_000);
    await utimes(lock, longAgo, longAgo);
    assert.is(await withLock(lock, { signal, onWait: neverWaits }, async () => 'mine'), 'mine');
  }));

test('a living owner is waited for, told once, and the wait can be cancelled', () =>
  withFolder(async (lock) => {
    await hold(lock, { pid: process.pid, host: hostname() });
    const cancel = new AbortController();
    let waits = 0;
    const waiting = withLock(
      lock,
      { signal: cancel.signal, pollMs: 1, onWait: () => waits++ },
      () => assert.unreachable('not mine') as never,
    );
    setTimeout(() => cancel.abort(), 20);
    assert.instance(await waiting.catch((error: unknown) => error), CancelledError);
    assert.is(waits, 1);
  }));

test.run();

function neverWaits(): void {
  throw new Error('it waited for an owner that is gone');
}

async function hold(lock: string, owner: { pid: number; host: string }): Promise<void> {
  await mkdir(lock);
  await writeFile(join(lock, 'owner.json'), JSON.stringify({ ...owner, id: 'other' }));
}

async function withFolder(work: (lock: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'precrop-lock-'));
  try {
    await work(join(folder, 'lock'), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
