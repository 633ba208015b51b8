import { createHash } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './checkout.mjs';
import { startLine } from './progress-line.mjs';

/** Another bootstrap of this checkout waits until this one has installed and built; a lock whose owner is gone is taken over. */
export async function withCheckoutLock(signal, work) {
  const path = join(tmpdir(), `precrop-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`);
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    const line = startLine();
    while (!tryLink(mine, path)) {
      touch(mine);
      if (isAbandoned(path)) {
        rmSync(path, { force: true });
        continue;
      }
      line.update('Waiting for another set-up of this folder');
      await new Promise((resolve) => setTimeout(resolve, 250));
      signal.throwIfAborted();
    }
    line.end();
    // Both names are one file, so touching the own one keeps the lock fresh.
    const heartbeat = setInterval(() => touch(mine), 5000);
    await work().finally(() => {
      clearInterval(heartbeat);
      rmSync(path, { force: true });
    });
  } finally {
    rmSync(mine, { force: true });
  }
}

function touch(path) {
  const now = new Date();
  utimesSync(path, now, now);
}

function tryLink(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(path) {
  try {
    if (Date.now() - statSync(path).mtimeMs > 60_000) return true;
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
