import { createHash } from 'node:crypto';
import type { ImageSplit } from '@precrop/sdk/data/dataset';
import { outlines } from '@precrop/sdk/data/shape-outlines';
import { createShapes } from '@precrop/sdk/data/shapes';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const imageBytes = 32 * 32 * 3;

function toDigest({ images }: ImageSplit): string {
  return createHash('sha256').update(images).digest('hex');
}

test('equal seeds draw equal images, other seeds others; train and test differ', () => {
  const draw = (seed: number) => createShapes({ seed, trainCount: 30, testCount: 30 });
  assert.is(toDigest(draw(1).train), toDigest(draw(1).train));
  assert.is(toDigest(draw(1).test), toDigest(draw(1).test));
  assert.is.not(toDigest(draw(1).train), toDigest(draw(2).train));
  assert.is.not(toDigest(draw(1).train), toDigest(draw(1).test));
});

test('a larger set begins with the smaller one', () => {
  const small = createShapes({ trainCount: 20, testCount: 1 }).train;
  const large = createShapes({ trainCount: 40, testCount: 1 }).train;
  assert.equal(large.images.slice(0, 20 * imageBytes), small.images);
});

test('the classes are equally frequent and no image repeats', () => {
  const { train, classNames } = createShapes({ trainCount: 500, testCount: 10 });
  assert.is(classNames.length, 10);
  for (let label = 0; label < 10; label++) assert.is(train.labels.filter((other) => other === label).length, 50);
  const images = Array.from({ length: 500 }, (_, image) => train.images.slice(image * imageBytes, (image + 1) * imageBytes).join());
  assert.is(new Set(images).size, 500);
});

test('the stated mean and deviation are those of the images', () => {
  const { train, mean, std } = createShapes({ seed: 9, trainCount: 1000, testCount: 10 });
  for (const channel of [0, 1, 2]) {
    const values = train.images.filter((_, byte) => byte % 3 === channel);
    const found = values.reduce((sum, value) => sum + value / 255, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value / 255 - found) ** 2, 0) / values.length;
    assert.ok(Math.abs(found - (mean[channel] as number)) < 0.03, `mean ${found}`);
    assert.ok(Math.abs(Math.sqrt(variance) - (std[channel] as number)) < 0.02, `std ${Math.sqrt(variance)}`);
  }
});

test('every outline is inside a circle of 1.25, encloses something, and its distance never grows faster than the way', () => {
  const step = 0.01;
  for (const [name, outline] of Object.entries(outlines)) {
    let inside = 0;
    for (let u = -1.6; u < 1.6; u += 0.05) {
      for (let v = -1.6; v < 1.6; v += 0.05) {
        const distance = outline(u, v);
        if (distance < 0) {
          inside++;
          assert.ok(Math.hypot(u, v) < 1.25, `${name} at ${u}, ${v}`);
        }
        assert.ok(Math.abs(outline(u + step, v) - distance) <= step * 1.001, `${name} at ${u}, ${v}`);
        assert.ok(Math.abs(outline(u, v + step) - distance) <= step * 1.001, `${name} at ${u}, ${v}`);
      }
    }
    assert.ok(inside > 150, `${name}: ${inside}`);
  }
});

test('a picture in its own colours tells the classes apart: no two outlines cover the same points', () => {
  const cover = (name: string): string => {
    const outline = outlines[name];
    assert.ok(outline);
    return Array.from({ length: 900 }, (_, at) => Number(outline(((at % 30) - 15) / 14, (Math.floor(at / 30) - 15) / 14) < 0)).join('');
  };
  assert.is(new Set(Object.keys(outlines).map(cover)).size, 10);
});

test.run();
