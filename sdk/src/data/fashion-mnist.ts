import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DataError } from '../core/errors.js';
import { createSplit, type DatasetHeader, type ImageDataset, type ImageSplit } from './dataset.js';

export const fashionMnistHeader: DatasetHeader = {
  name: 'fashion-mnist',
  height: 32,
  width: 32,
  channels: 3,
  classNames: ['t-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle boot'],
  mean: [0.219, 0.219, 0.219], // of the padded images
  std: [0.3318, 0.3318, 0.3318],
  source:
    'Han Xiao, Kashif Rasul and Roland Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms", 2017, arXiv 1708.07747',
};

const files = {
  train: { images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz' },
  test: { images: 't10k-images-idx3-ubyte.gz', labels: 't10k-labels-idx1-ubyte.gz' },
} as const;

/** Debian's package `dataset-fashion-mnist` puts the files here. */
export const fashionMnistFolder = '/usr/share/datasets/fashion-mnist';

/**
 * Fashion-MNIST: 60 000 + 10 000 grey pictures of clothes, 28x28, from the four published .gz files in `folder`. They are given two
 * black pixels on each side and three equal channels, so that every 32x32x3 network takes them.
 * @throws DataError when a file is absent or damaged.
 */
export async function loadFashionMnist(folder: string = fashionMnistFolder): Promise<ImageDataset> {
  return { ...fashionMnistHeader, train: await readSplit(folder, files.train), test: await readSplit(folder, files.test) };
}

/** Whether all four files are there, whatever is in them. */
export async function hasFashionMnist(folder: string): Promise<boolean> {
  return Promise.all([...Object.values(files.train), ...Object.values(files.test)].map((name) => access(join(folder, name)))).then(
    () => true,
    () => false,
  );
}

async function readSplit(folder: string, names: { readonly images: string; readonly labels: string }): Promise<ImageSplit> {
  const images = await readIdx(join(folder, names.images), 3);
  const labels = await readIdx(join(folder, names.labels), 1);
  const [count = 0, height = 0, width = 0] = images.shape;
  if (height !== 28 || width !== 28 || labels.shape[0] !== count) {
    throw new DataError(
      `${folder} holds ${count} images of ${height}x${width} and ${labels.shape[0]} labels for them, but Fashion-MNIST is 28x28 with a label each. Install the data set anew.`,
    );
  }
  const split = createSplit(count, 32 * 32 * 3);
  split.labels.set(labels.data);
  let read = 0;
  for (let image = 0; image < count; image++) {
    for (let y = 2; y < 30; y++) {
      let write = ((image * 32 + y) * 32 + 2) * 3;
      for (let x = 0; x < 28; x++) {
        const grey = images.data[read++] as number;
        split.images[write++] = grey;
        split.images[write++] = grey;
        split.images[write++] = grey;
      }
    }
  }
  return split;
}

interface Idx {
  readonly shape: readonly number[];
  readonly data: Uint8Array; // row-major
}

/** IDX of bytes: 0, 0, type 8, number of axes, then each length as big-endian uint32, then the data (yann.lecun.com/exdb/mnist). */
async function readIdx(path: string, axes: number): Promise<Idx> {
  const bytes = await unzip(path);
  const head = 4 + 4 * axes;
  const shape = Array.from({ length: axes }, (_, axis) => (bytes.length >= head ? bytes.readUInt32BE(4 + 4 * axis) : 0));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length < head || bytes.readUInt32BE(0) !== 0x800 + axes || bytes.length !== head + size) {
    throw new DataError(
      `${path} is no whole IDX file of bytes with ${axes} axes: it unpacks to ${bytes.length} bytes, its header speaks of ${head + size}. Install the data set anew.`,
      { details: { path } },
    );
  }
  return { shape, data: bytes.subarray(head) };
}

async function unzip(path: string): Promise<Buffer> {
  try {
    return gunzipSync(await readFile(path));
  } catch (error) {
    throw new DataError(`${path} cannot be read: ${(error as Error).message}. Install the data set anew.`, {
      cause: error,
      details: { path },
    });
  }
}
