import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PreCropError, StorageError } from '../core/errors.js';

/**
 * Fills a new folder and moves it to `target` only once it is complete, so that nothing half-written is ever found there. What
 * earlier runs that were killed left behind is removed first.
 * @throws StorageError when it cannot be written; whatever `fill` throws. Nothing is left in either case.
 */
export async function writeFolder(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const folder = `${target}.partial-${process.pid}`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await removeAbandoned(target);
    await mkdir(folder);
    await fill(folder);
    await rm(target, { recursive: true, force: true });
    await rename(folder, target);
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    throw toStorageError(error, target);
  }
}

async function removeAbandoned(target: string): Promise<void> {
  const prefix = `${basename(target)}.partial-`;
  for (const name of await readdir(dirname(target))) {
    const owner = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : undefined;
    if (owner === process.pid || (owner !== undefined && !isRunning(owner))) {
      await rm(join(dirname(target), name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space, or choose a folder on another disk',
  EDQUOT: 'your disk quota is used up. Free some space, or choose another folder',
  EACCES: 'writing there is not allowed. Choose a folder that you may write to',
  EPERM: 'writing there is not allowed. Choose a folder that you may write to',
  EROFS: 'the disk is read-only. Choose a folder that you may write to',
};

/** What the operating system said, as a sentence for the user; errors that are none of its own are passed on. */
export function toStorageError(error: unknown, target: string): unknown {
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof PreCropError || code === undefined || (reasons[code] === undefined && syscall === undefined)) return error;
  const reason = reasons[code] ?? `${message}. Mend that, or choose another folder`;
  return new StorageError(`${target} could not be written: ${reason}. Nothing was left half-written.`, {
    cause: error,
    details: { path: target, code },
  });
}
