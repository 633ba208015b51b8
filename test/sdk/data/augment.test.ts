import { createRng } from '@precrop/sdk/core/rng';
import { augmentations, drawPlacement, type Placement, padding, placeImage, toLookupTable } from '@precrop/sdk/data/augment';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRandomSplit, format, imageBytes } from './fixtures.js';

const { height, width, channels, mean, std } = format;

/** Pixel by pixel, as the words say it: normalise, pad with zeros, crop, mirror. */
function placeNaively(image: Uint8Array, { dy, dx, flip }: Placement): Float32Array {
  const normalised = (y: number, x: number, channel: number): number =>
    ((image[(y * width + x) * channels + channel] as number) / 255 - (mean[channel] as number)) / (std[channel] as number);
  const padded = (y: number, x: number, channel: number): number =>
    y < padding || x < padding || y >= height + padding || x >= width + padding ? 0 : normalised(y - padding, x - padding, channel);
  const cropped = (y: number, x: number, channel: number): number => padded(y + padding - dy, x + padding - dx, channel);
  const result = new Float32Array(imageBytes);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) {
        result[(y * width + x) * channels + channel] = cropped(y, flip ? width - 1 - x : x, channel);
      }
    }
  }
  return result;
}

test('every move and mirroring equals the pixel by pixel one, bit for bit, and touches no neighbour', () => {
  const split = createRandomSplit(3);
  const table = toLookupTable(format);
  for (let dy = -padding; dy <= padding; dy++) {
    for (let dx = -padding; dx <= padding; dx++) {
      for (const flip of [false, true]) {
        const target = new Float32Array(3 * imageBytes);
        placeImage(split.images, 2, target, 1, format, table, { dy, dx, flip });
        const expected = placeNaively(split.images.subarray(2 * imageBytes), { dy, dx, flip });
        assert.equal(target.subarray(imageBytes, 2 * imageBytes), expected, `dy ${dy}, dx ${dx}, flip ${flip}`);
        assert.ok(target.subarray(0, imageBytes).every((value) => value === 0));
        assert.ok(target.subarray(2 * imageBytes).every((value) => value === 0));
      }
    }
  }
});

test('a move by more than the image is wide leaves zeros', () => {
  const narrow = { ...format, height: 3, width: 2 };
  const target = new Float32Array(18);
  placeImage(new Uint8Array(18).fill(200), 0, target, 0, narrow, toLookupTable(narrow), { dy: 0, dx: 4, flip: false });
  assert.ok(target.every((value) => value === 0));
});

test('a pixel of the mean colour becomes 0, one standard deviation above it 1', () => {
  const table = toLookupTable({ ...format, channels: 1, mean: [0.2], std: [0.4] });
  assert.equal(table.length, 256);
  assert.ok(Math.abs(table[51] as number) < 1e-6);
  assert.ok(Math.abs((table[153] as number) - 1) < 1e-6);
});

test('placements reach all 81 places and both directions, about equally often', () => {
  const rng = createRng(5);
  const seen = new Map<string, number>();
  const draws = 16_200;
  for (let draw = 0; draw < draws; draw++) {
    const { dy, dx, flip } = drawPlacement('pad-crop-flip', rng);
    seen.set(`${dy} ${dx} ${flip}`, (seen.get(`${dy} ${dx} ${flip}`) ?? 0) + 1);
  }
  assert.is(seen.size, 81 * 2);
  const expected = draws / 162;
  for (const [placement, count] of seen) assert.ok(Math.abs(count - expected) < 5 * Math.sqrt(expected), `${placement}: ${count}`);
});

test('"none" changes nothing, "flip" only mirrors', () => {
  const rng = createRng(1);
  const many = (augment: 'none' | 'flip'): Placement[] => Array.from({ length: 100 }, () => drawPlacement(augment, rng));
  assert.ok(many('none').every(({ dy, dx, flip }) => dy === 0 && dx === 0 && !flip));
  const flips = many('flip');
  assert.ok(flips.every(({ dy, dx }) => dy === 0 && dx === 0));
  assert.is(new Set(flips.map(({ flip }) => flip)).size, 2);
  assert.equal(augmentations, ['none', 'flip', 'pad-crop-flip']);
});

test.run();
