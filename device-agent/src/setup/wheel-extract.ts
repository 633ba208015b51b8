import { createWriteStream } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { type LibtensorflowWheel, libtensorflowHeaders } from './libtensorflow-wheels.js';
import { SetupFailure } from './setup-failure.js';
import type { SetupHost } from './setup-host.js';

/**
 * Streams the libraries and the headers out of a wheel into `directory`/lib and /include, and links the libraries'
 * other names. yauzl reads the zip's directory first and checks sizes, CRCs and paths; nothing is held in memory.
 * @throws SetupFailure contents when the wheel lacks a file
 */
export async function extractWheel(host: SetupHost, wheel: LibtensorflowWheel, wheelPath: string, directory: string): Promise<void> {
  const wanted = wantedFiles(wheel);
  const total = wheel.libraries.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const zip = await openPromise(wheelPath);
  for await (const entry of zip.eachEntry()) {
    const target = wanted.get(entry.fileName);
    if (target === undefined) continue;
    wanted.delete(entry.fileName);
    const path = join(directory, target);
    await mkdir(dirname(path), { recursive: true });
    const counter = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        done += chunk.length;
        host.emit({ type: 'progress', name: 'unpack libtensorflow', done: Math.min(done, total), total, unit: 'bytes' });
        next(null, chunk);
      },
    });
    await pipeline(await zip.openReadStreamPromise(entry), counter, createWriteStream(path), { signal: host.signal });
  }
  if (wanted.size > 0) {
    throw new SetupFailure(
      'contents',
      `The wheel of ${wheel.packageName} holds no ${[...wanted.keys()].join(', ')}.`,
      'Run precrop doctor --repair, and report it if that does not help.',
    );
  }
  await linkLibraryNames(wheel, join(directory, 'lib'));
}

/** Path inside the wheel → path in the folder that is prepared. */
function wantedFiles(wheel: LibtensorflowWheel): Map<string, string> {
  return new Map([
    ...wheel.libraries.map(({ path }) => [path, join('lib', basename(path))] as const),
    ...libtensorflowHeaders.map((header) => [`tensorflow/include/${header}`, join('include', header)] as const),
  ]);
}

async function linkLibraryNames(wheel: LibtensorflowWheel, lib: string): Promise<void> {
  for (const { path, links } of wheel.libraries) {
    for (const link of links) await symlink(basename(path), join(lib, link));
  }
}
