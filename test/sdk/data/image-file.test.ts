import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { createRng } from '@precrop/sdk/core/rng';
import { loadImageFile } from '@precrop/sdk/data/image-file';
import sharp, { type Sharp } from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const shape = [32, 32, 3] as const;
const rng = createRng(0);
const bytes = Uint8Array.from({ length: 32 * 32 * 3 }, () => rng.integer(0, 255));
const pixels = Float32Array.from(bytes, (value) => value / 255);
const noise = (): Sharp => sharp(bytes, { raw: { width: 32, height: 32, channels: 3 } });

let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'precrop-image-'));
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

async function load(name: string, content: Uint8Array | string, wanted: readonly [number, number, number] = shape): Promise<Float32Array> {
  writeFileSync(join(folder, name), content);
  return loadImageFile(join(folder, name), wanted);
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing was thrown',
    (error: Error) => error.message,
  );
}

/** An image of one colour on the left half and another on the right one. */
function halves(left: string, right: string, width: number, height: number): Sharp {
  const half = { create: { width: width / 2, height, channels: 3, background: right } } as const;
  return sharp({ create: { width, height, channels: 3, background: left } }).composite([{ input: half, left: width / 2, top: 0 }]);
}

test('an image of the wanted shape keeps its pixels to the bit', async () => {
  assert.equal(await load('a.png', await noise().png().toBuffer()), pixels);
  assert.equal(await load('a.webp', await noise().webp({ lossless: true }).toBuffer()), pixels);
  assert.equal(await load('deep.png', await noise().toColourspace('rgb16').png().toBuffer()), pixels);
});

test('a JPEG is near its pixels', async () => {
  const smooth = await load(
    'a.jpg',
    await sharp({ create: { width: 32, height: 32, channels: 3, background: '#804020' } })
      .jpeg()
      .toBuffer(),
  );
  const wanted = [0x80, 0x40, 0x20];
  assert.ok(smooth.every((value, index) => Math.abs(value * 255 - (wanted[index % 3] ?? 0)) < 3));
});

test('values lie in 0…1, as many as the shape has, whatever the size of the picture', async () => {
  for (const [width, height] of [
    [1, 1],
    [31, 33],
    [7, 300],
    [640, 48],
  ] as const) {
    const picture = await sharp({ create: { width, height, channels: 3, background: '#ff0080' } })
      .png()
      .toBuffer();
    const values = await load('sized.png', picture, [24, 40, 3]);
    assert.is(values.length, 24 * 40 * 3);
    assert.ok(values.every((value) => value >= 0 && value <= 1));
    assert.is(values[0], 1);
  }
});

test('a wide picture loses its sides, and is not squeezed', async () => {
  // Red on the left half and blue on the right one: the middle of 96x32 is 32 columns around the border.
  const values = await load('wide.png', await halves('#ff0000', '#0000ff', 96, 32).png().toBuffer());
  const red = Array.from({ length: 32 }, (_, column) => values[column * 3] ?? 0);
  assert.equal(
    red.map((value) => Math.round(value)),
    red.map((_, column) => (column < 16 ? 1 : 0)),
  );
});

test('EXIF orientation is obeyed', async () => {
  // Orientation 3: the camera stood on its head.
  const turned = await load('turned.png', await halves('#ff0000', '#0000ff', 32, 32).withMetadata({ orientation: 3 }).png().toBuffer());
  assert.equal([...turned.subarray(0, 3)], [0, 0, 1]);
});

test('what is transparent shows white, and grey is the same in all channels', async () => {
  const clear = { create: { width: 32, height: 32, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } } as const;
  assert.ok((await load('clear.png', await sharp(clear).png().toBuffer())).every((value) => value === 1));
  const grey = await load('grey.png', await noise().greyscale().png().toBuffer());
  assert.ok(grey.every((value, index) => value === grey[index - (index % 3)]));
  assert.is((await load('grey.png', await noise().png().toBuffer(), [32, 32, 1])).length, 32 * 32);
});

test('what is no whole PNG, JPEG or WebP file is a sentence that names it', async () => {
  const png = await noise().png().toBuffer();
  const jpeg = await noise().jpeg().toBuffer();
  const cases: readonly (readonly [string, Uint8Array | string, string])[] = [
    ['text.png', 'hello', 'is no image that can be read here. Give a PNG, JPEG or WebP file.'],
    ['empty.png', '', 'Give a'],
    ['cut.png', png.subarray(0, png.length / 2), 'it is damaged or cut off'],
    ['cut.jpg', jpeg.subarray(0, jpeg.length / 2), 'it is damaged or cut off'],
    ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'is no image that can be read here'],
    ['moving.gif', await noise().gif().toBuffer(), 'is no image that can be read here'],
  ];
  for (const [name, content, sentence] of cases) {
    const message = await messageOf(load(name, content));
    assert.ok(message.includes(name) && message.includes(sentence), message);
  }
  assert.match(await messageOf(loadImageFile(join(folder, 'none.png'), shape)), 'There is no image');
  assert.match(await messageOf(loadImageFile(folder, shape)), 'is no file');
  assert.match(await messageOf(load('five.png', png, [32, 32, 5])), 'images of 5 channels');
});

test('a small file that claims a huge picture is refused before it is decoded', async () => {
  const png = await noise().png().toBuffer();
  png.writeUInt32BE(100_000, 16); // width and height in the first chunk, whose checksum covers bytes 12 to 28
  png.writeUInt32BE(100_000, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  assert.match(await messageOf(load('bomb.png', png)), 'has 100000x100000 pixels, but an image may have 250 M of them');
});

test.run();
