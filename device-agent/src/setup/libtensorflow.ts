import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { formatBytes } from '@precrop/sdk/core/units';
import { type LibtensorflowWheel, libtensorflowHeaders, libtensorflowVersion } from './libtensorflow-wheels.js';
import { SetupFailure } from './setup-failure.js';
import type { SetupHost } from './setup-host.js';
import { downloadWheel, findPip } from './wheel-download.js';
import { extractWheel } from './wheel-extract.js';

export interface Libtensorflow {
  readonly version: string;
  /** Holds lib/ and include/. */
  readonly directory: string;
  readonly libraryPath: string;
}

/**
 * libtensorflow in the user's cache: found there whole, or taken from its Python wheel.
 * @param partial an empty folder in the cache for what is not whole yet
 * @throws SetupFailure no-pip, disk-full, download, checksum or contents
 */
export async function prepareLibtensorflow(host: SetupHost, wheel: LibtensorflowWheel, partial: string): Promise<Libtensorflow> {
  const prepared = toLibtensorflow(host, wheel);
  if (await isWhole(wheel, prepared.directory)) return prepared;
  const pip = await findPip(host);
  await requireSpace(host, wheel, partial);
  host.emit({
    type: 'phase',
    name: 'download libtensorflow',
    message: `Downloading libtensorflow ${libtensorflowVersion}, once for this user`,
  });
  const wheelPath = await downloadWheel(host, wheel, pip, partial);
  host.emit({ type: 'phase', name: 'unpack libtensorflow', message: 'Unpacking libtensorflow' });
  const unpacked = join(partial, 'libtensorflow');
  await extractWheel(host, wheel, wheelPath, unpacked);
  await rm(wheelPath);
  await mkdir(dirname(prepared.directory), { recursive: true });
  await rm(prepared.directory, { recursive: true, force: true });
  await rename(unpacked, prepared.directory);
  return prepared;
}

/** The wheel for this machine. @throws SetupFailure unsupported */
export function selectWheel(host: SetupHost): LibtensorflowWheel {
  const wheel = host.wheels.find(({ platform, arch }) => platform === host.platform && arch === host.arch);
  const known = host.wheels.map(({ platform, arch }) => `${platform} ${arch}`).join(', ');
  if (wheel === undefined) {
    throw new SetupFailure(
      'unsupported',
      `There is no libtensorflow ${libtensorflowVersion} for ${host.platform} ${host.arch}, only for ${known}.`,
      'Use one of those, or go on with a slower backend.',
    );
  }
  if (wheel.glibc !== undefined && !isAtLeast(host.glibc, wheel.glibc)) {
    const has = host.glibc === undefined ? 'another C library (musl?)' : `glibc ${host.glibc}`;
    throw new SetupFailure(
      'unsupported',
      `libtensorflow ${libtensorflowVersion} needs glibc ${wheel.glibc} or newer, but this system has ${has}.`,
      'Use a newer or a glibc-based system, or go on with a slower backend.',
    );
  }
  return wheel;
}

function toLibtensorflow(host: SetupHost, wheel: LibtensorflowWheel): Libtensorflow {
  const directory = join(host.cacheDirectory, 'libtensorflow', `${libtensorflowVersion}-${wheel.platform}-${wheel.arch}`);
  const [main] = wheel.libraries;
  return { version: libtensorflowVersion, directory, libraryPath: join(directory, 'lib', basename(main?.path ?? '')) };
}

/** Every file is there and the libraries have their full size: also after somebody tidied the cache by hand. */
async function isWhole(wheel: LibtensorflowWheel, directory: string): Promise<boolean> {
  const expected = [
    ...wheel.libraries.flatMap(({ path, bytes, links }) => [basename(path), ...links].map((name) => ({ path: join('lib', name), bytes }))),
    ...libtensorflowHeaders.map((header) => ({ path: join('include', header), bytes: undefined })),
  ];
  const found = await Promise.all(
    expected.map(({ path, bytes }) =>
      stat(join(directory, path)).then(
        ({ size }) => bytes === undefined || size === bytes,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}

/** The wheel and what is unpacked from it lie side by side for a moment. @throws SetupFailure disk-full */
async function requireSpace(host: SetupHost, wheel: LibtensorflowWheel, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const needed = wheel.libraries.reduce((sum, { bytes }) => sum + bytes, wheel.bytes);
  const free = await host.freeBytes(directory);
  if (free < needed) {
    throw new SetupFailure(
      'disk-full',
      `libtensorflow needs ${formatBytes(needed)} of free space in ${host.cacheDirectory}, but ${formatBytes(free)} is free.`,
      'Free some space, or let PRECROP_CACHE name a folder on another disk, and run the command again.',
    );
  }
}

/** Compares "2.36" with "2.27" by numbers. */
function isAtLeast(version: string | undefined, least: string): boolean {
  if (version === undefined) return false;
  return version.localeCompare(least, 'en', { numeric: true }) >= 0;
}
