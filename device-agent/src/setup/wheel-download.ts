import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { formatBytes } from '@precrop/sdk/core/units';
import { type LibtensorflowWheel, libtensorflowVersion, wheelPython } from './libtensorflow-wheels.js';
import { lastWords } from './run-command.js';
import { SetupFailure } from './setup-failure.js';
import type { SetupHost } from './setup-host.js';

export type Pip = readonly [command: string, ...args: string[]];

const pipCandidates: readonly Pip[] = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['py', '-m', 'pip'], ['pip3'], ['pip']];

/** The first pip that answers. @throws SetupFailure no-pip */
export async function findPip(host: SetupHost): Promise<Pip> {
  for (const [name, ...args] of pipCandidates) {
    const command = host.findProgram(name);
    if (command === undefined) continue;
    const { code } = await host.runCommand(command, [...args, '--version'], { variables: host.variables, signal: host.signal });
    if (code === 0) return [command, ...args];
  }
  throw new SetupFailure(
    'no-pip',
    `No pip was found (looked for ${pipCandidates.map((words) => `"${words.join(' ')}"`).join(', ')}).`,
    pipRemedy(host.platform),
  );
}

/**
 * Lets pip fetch the wheel into `directory`, telling the bytes that have come, and checks it.
 * @returns the path of the wheel
 * @throws SetupFailure download, checksum or disk-full; the folder then holds no wheel.
 */
export async function downloadWheel(host: SetupHost, wheel: LibtensorflowWheel, pip: Pip, directory: string): Promise<string> {
  const target = join(directory, 'wheel');
  const scratch = join(directory, 'pip');
  await Promise.all([target, scratch].map((path) => mkdir(path, { recursive: true })));
  const stopWatching = watchGrowth(directory, (bytes) =>
    host.emit({ type: 'progress', name: 'download libtensorflow', done: Math.min(bytes, wheel.bytes), total: wheel.bytes, unit: 'bytes' }),
  );
  const [command, ...pipArgs] = pip;
  const result = await host
    .runCommand(command, [...pipArgs, ...downloadArgs(wheel, target)], {
      // pip writes to its temporary folder first and moves the finished file.
      variables: { ...host.variables, TMPDIR: scratch, TEMP: scratch, TMP: scratch },
      signal: host.signal,
    })
    .finally(stopWatching);
  if (result.code !== 0) throw toDownloadFailure(result.output, directory);
  const name = (await readdir(target)).find((file) => file.endsWith('.whl'));
  if (name === undefined) throw toDownloadFailure(result.output, directory);
  await verifyWheel(join(target, name), wheel);
  return join(target, name);
}

/** @throws SetupFailure checksum; the file is deleted then. */
async function verifyWheel(path: string, wheel: LibtensorflowWheel): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const got = hash.digest('hex');
  if (got === wheel.sha256) return;
  const { size } = await stat(path);
  await rm(path);
  throw new SetupFailure(
    'checksum',
    `The wheel of ${wheel.packageName} ${libtensorflowVersion} (${formatBytes(size)}) has the sha256 ${got}, but ${wheel.sha256} is expected; it was deleted.`,
    'Check which package index pip uses (pip config list), then run precrop doctor --repair.',
  );
}

function downloadArgs(wheel: LibtensorflowWheel, target: string): string[] {
  return [
    'download',
    `${wheel.packageName}==${libtensorflowVersion}`,
    '--no-deps',
    '--only-binary=:all:',
    '--implementation=cp',
    `--python-version=${wheelPython.version}`,
    `--abi=${wheelPython.tag}`,
    `--platform=${wheel.platformTag}`,
    // The wheel is unpacked once and deleted: a second copy in pip's cache would serve nobody.
    '--no-cache-dir',
    '--no-input',
    '--progress-bar=off',
    '--disable-pip-version-check',
    `--dest=${target}`,
  ];
}

function toDownloadFailure(output: string, directory: string): SetupFailure {
  if (/No space left on device|Errno 28/.test(output)) {
    return new SetupFailure(
      'disk-full',
      `The disk that holds ${directory} became full during the download.`,
      'Free some space, or let PRECROP_CACHE name a folder on another disk, and run the command again.',
    );
  }
  return new SetupFailure(
    'download',
    `pip could not download libtensorflow ${libtensorflowVersion}: ${pipWords(output)}.`,
    "Check the network connection and pip's package index, then run precrop doctor --repair.",
  );
}

/** The cause in pip's output: what the network said, else its errors. pip wraps the first in its retries' warnings. */
function pipWords(output: string): string {
  const network = /\[Errno -?\d+\] ([^'"\n]+)|(Read timed out|connect timeout|certificate verify failed)/.exec(output);
  if (network !== null) return `its package index cannot be reached (${(network[1] ?? network[2])?.trim()})`;
  const errors = output.split(/\r?\n/).filter((line) => line.startsWith('ERROR:'));
  return lastWords(errors.join('\n') || output).replaceAll('ERROR: ', '');
}

function pipRemedy(platform: NodeJS.Platform): string {
  const install: Partial<Record<NodeJS.Platform, string>> = {
    linux: 'Install it with the package manager (Debian and Ubuntu: sudo apt install python3-pip)',
    darwin: 'Install Python 3 (xcode-select --install brings it)',
  };
  return `${install[platform] ?? 'Install Python 3 with pip'} and run the command again.`;
}

/** Tells every quarter of a second how many bytes lie under a folder. @returns the function that ends it */
function watchGrowth(directory: string, onBytes: (bytes: number) => void): () => void {
  const timer = setInterval(() => void countBytes(directory).then(onBytes), 250);
  return () => clearInterval(timer);
}

async function countBytes(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  // A file may be moved between the listing and the look at it.
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(file.parentPath, file.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
