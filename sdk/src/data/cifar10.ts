import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunContext, throwIfCancelled } from '../core/context.js';
import { DataError } from '../core/errors.js';
import { type Cifar10Doors, cifar10Doors, fetchCifar10, md5Of, toUnreachable } from './cifar10-fetch.js';
import { type Cifar10Layout, classNames, countFileBytes, imageBytes } from './cifar10-layout.js';
import { createSplit, type DatasetHeader, type ImageDataset, type ImageSplit } from './dataset.js';

export const cifar10Header: DatasetHeader = {
  name: 'cifar10',
  height: 32,
  width: 32,
  channels: 3,
  classNames,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
  source: 'Alex Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, https://www.cs.toronto.edu/~kriz/cifar.html',
};

/**
 * CIFAR-10: 50 000 + 10 000 photographs of 32x32. Fetched once into `folder` when it is not there; it has no licence that would
 * allow us to ship it.
 * @throws DataError when a file is damaged or the data cannot be fetched, StorageError, CancelledError.
 */
export async function loadCifar10(
  folder: string,
  context: RunContext,
  options: { readonly offline?: boolean } = {},
  doors: Cifar10Doors = cifar10Doors,
): Promise<ImageDataset> {
  const { files } = doors.layout;
  if (!(await hasCifar10(folder, doors.layout))) {
    if (options.offline) throw toUnreachable(new Error(`it is not in ${folder} and this run is offline`));
    await fetchCifar10(folder, context, doors);
  }
  context.emit({ type: 'phase', name: 'load', message: 'Loading CIFAR-10' });
  const load = (names: typeof files): Promise<ImageSplit> => readFiles(folder, names, doors.layout, context);
  return { ...cifar10Header, train: await load(files.slice(0, -1)), test: await load(files.slice(-1)) };
}

/** Whether all files are there, whatever is in them. */
export async function hasCifar10(folder: string, layout: Cifar10Layout = cifar10Doors.layout): Promise<boolean> {
  return Promise.all(layout.files.map(({ name }) => access(join(folder, name)))).then(
    () => true,
    () => false,
  );
}

async function readFiles(folder: string, files: Cifar10Layout['files'], layout: Cifar10Layout, context: RunContext): Promise<ImageSplit> {
  const split = createSplit(files.length * layout.imagesPerFile, imageBytes);
  for (const [index, file] of files.entries()) {
    throwIfCancelled(context);
    const records = await readChecked(join(folder, file.name), file.md5, countFileBytes(layout));
    copyRecords(records, split, index * layout.imagesPerFile);
  }
  return split;
}

async function readChecked(path: string, md5: string, size: number): Promise<Uint8Array> {
  const advice = 'Delete that file and run again: the data set is then fetched anew.';
  const bytes = await readFile(path);
  if (bytes.length !== size)
    throw new DataError(`${path} has ${bytes.length} bytes, but must have ${size}. ${advice}`, { details: { path } });
  const found = md5Of(bytes);
  if (found !== md5) throw new DataError(`${path} is damaged: its md5 is ${found}, but must be ${md5}. ${advice}`, { details: { path } });
  return bytes;
}

/** Records of a label and three planes → [n, 32, 32, 3]. */
function copyRecords(records: Uint8Array, split: ImageSplit, first: number): void {
  const { images, labels } = split;
  let write = first * imageBytes;
  for (let start = 0, image = first; start < records.length; start += 1 + imageBytes, image++) {
    labels[image] = records[start] as number;
    for (let pixel = start + 1; pixel < start + 1 + 1024; pixel++) {
      images[write++] = records[pixel] as number;
      images[write++] = records[pixel + 1024] as number;
      images[write++] = records[pixel + 2048] as number;
    }
  }
}
