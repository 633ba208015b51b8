import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError } from '@precrop/sdk/core/errors';

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once, when another process holds the lock. */
  readonly onWait?: () => void;
  readonly pollMs?: number;
}

/**
 * Runs `work` while no other process of this user does the same. A lock whose owner has gone is taken over. Work under
 * it must still be whole or absent at every moment (temporary folder, then rename): the lock saves double work, no more.
 * @throws CancelledError when the signal is aborted while waiting
 */
export async function withLock<T>(path: string, { signal, onWait, pollMs = 250 }: LockOptions, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const owner = { pid: process.pid, host: hostname(), id: randomUUID() };
  for (let waited = false; !(await tryLock(path, owner)); waited = true) {
    if (await isAbandoned(path)) {
      await discard(path);
      continue;
    }
    if (!waited) onWait?.();
    await sleep(pollMs, undefined, { signal }).catch(() => {
      throw new CancelledError();
    });
  }
  const heartbeat = setInterval(() => void touch(path), heartbeatMs).unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await readOwner(path))?.id === owner.id) await discard(path);
  }
}

const heartbeatMs = 5_000;
const silentMs = 60_000;

interface LockOwner {
  readonly pid: number;
  readonly host: string;
  readonly id: string;
}

/** The lock appears together with its owner: a folder that already holds the owner's file is renamed into place. */
async function tryLock(path: string, owner: LockOwner): Promise<boolean> {
  const prepared = `${path}.${owner.id}`;
  await mkdir(prepared);
  await writeFile(join(prepared, 'owner.json'), JSON.stringify(owner));
  try {
    await rename(prepared, path);
    return true;
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'].includes(code)) return false;
    throw error;
  }
}

/** Its owner has died, or has not touched it for a minute (another machine's, or a process number that was given anew). */
async function isAbandoned(path: string): Promise<boolean> {
  const [owner, age] = await Promise.all([
    readOwner(path),
    stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    ),
  ]);
  if (owner === undefined) return false;
  return age > silentMs || (owner.host === hostname() && !isRunning(owner.pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  const text = await readFile(join(path, 'owner.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LockOwner);
}

/** Moved aside first, so that nobody sees a lock without an owner. */
async function discard(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}
