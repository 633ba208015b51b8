import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DataError } from '@precrop/sdk/core/errors';
import { fashionMnistFolder, hasFashionMnist, loadFashionMnist } from '@precrop/sdk/data/fashion-mnist';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/skip.js';
import { catchError, withFolder } from './fixtures.js';

function toIdx(shape: readonly number[], data: Uint8Array): Buffer {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head.writeUInt8(8, 2);
  head.writeUInt8(shape.length, 3);
  shape.forEach((length, axis) => {
    head.writeUInt32BE(length, 4 + 4 * axis);
  });
  return gzipSync(Buffer.concat([head, data]));
}

const pixels = Uint8Array.from({ length: 3 * 784 }, (_, at) => (at * 7 + 1) % 256);

async function writeTiny(folder: string, changes: Readonly<Record<string, Uint8Array>> = {}): Promise<void> {
  const files: Record<string, Uint8Array> = {};
  for (const split of ['train', 't10k']) {
    files[`${split}-images-idx3-ubyte.gz`] = toIdx([3, 28, 28], pixels);
    files[`${split}-labels-idx1-ubyte.gz`] = toIdx([3], Uint8Array.of(9, 0, 4));
  }
  for (const [name, bytes] of Object.entries({ ...files, ...changes })) await writeFile(join(folder, name), bytes);
}

test(
  'images stand in a black frame of two pixels, with three equal channels',
  withFolder(async (folder) => {
    assert.not(await hasFashionMnist(folder));
    await writeTiny(folder);
    assert.ok(await hasFashionMnist(folder));
    const { train, height, width, channels } = await loadFashionMnist(folder);
    assert.equal([train.count, height, width, channels], [3, 32, 32, 3]);
    assert.equal([...train.labels], [9, 0, 4]);
    for (let at = 0; at < train.images.length; at++) {
      const pixel = Math.floor(at / 3);
      const [x, y, image] = [(pixel % 32) - 2, (Math.floor(pixel / 32) % 32) - 2, Math.floor(pixel / 1024)];
      const framed = x < 0 || y < 0 || x >= 28 || y >= 28;
      assert.is(train.images[at], framed ? 0 : pixels[image * 784 + y * 28 + x]);
    }
  }),
);

const images = 'train-images-idx3-ubyte.gz';
const damages: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>> = {
  'a file cut short while packed': { [images]: toIdx([3, 28, 28], pixels).subarray(0, 100) },
  'a file cut short before it was packed': { [images]: toIdx([3, 28, 28], pixels.subarray(1)) },
  'an empty file': { [images]: gzipSync(new Uint8Array(0)) },
  'a file that is not packed': { [images]: pixels },
  'labels in place of images': { [images]: toIdx([3], Uint8Array.of(1, 2, 3)) },
  'images of another size': { [images]: toIdx([3, 14, 56], pixels) },
  'fewer labels than images': { 'train-labels-idx1-ubyte.gz': toIdx([2], Uint8Array.of(1, 2)) },
};
for (const [name, changes] of Object.entries(damages)) {
  test(
    `${name} is a data error that says what to do`,
    withFolder(async (folder) => {
      await writeTiny(folder, changes);
      const error = await catchError(() => loadFashionMnist(folder));
      assert.instance(error, DataError);
      assert.match(error.message, folder);
      assert.match(error.message, 'Install the data set anew.');
    }),
  );
}

if (await hasFashionMnist(fashionMnistFolder)) {
  test('the real files give the published counts and the stated mean and deviation', async () => {
    const { train, test: held, mean, std } = await loadFashionMnist();
    assert.equal([train.count, held.count], [60_000, 10_000]);
    for (let label = 0; label < 10; label++) assert.is(train.labels.filter((other) => other === label).length, 6000);
    let sum = 0;
    let squares = 0;
    for (const byte of train.images) {
      sum += byte / 255;
      squares += (byte / 255) ** 2;
    }
    const found = sum / train.images.length;
    assert.ok(Math.abs(found - (mean[0] as number)) < 1e-4);
    assert.ok(Math.abs(Math.sqrt(squares / train.images.length - found ** 2) - (std[0] as number)) < 1e-4);
  });
} else {
  skip(test, 'the real files give the published counts', 'Fashion-MNIST is not installed on this machine');
}

test.run();
