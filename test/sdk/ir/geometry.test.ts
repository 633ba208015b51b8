import { createRng } from '@precrop/sdk/core/rng';
import { padsOf, slide } from '@precrop/sdk/ir/geometry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const rng = createRng(1);
const windows = Array.from({ length: 200 }, () => ({
  size: rng.integer(1, 40),
  kernel: rng.integer(1, 7),
  stride: rng.integer(1, 3),
}));

test('same: the output has ceil(size / stride) pixels', () => {
  for (const { size, kernel, stride } of windows) {
    const window = { kernel: [kernel, 3], strides: [stride, 2], padding: 'same' } as const;
    assert.equal(slide('n', window, size, 9), [Math.ceil(size / stride), 5]);
  }
});

test('same: pads as little as it can, the odd pixel behind', () => {
  for (const { size, kernel, stride } of windows) {
    const [top, bottom] = padsOf({ kernel: [kernel, 1], strides: [stride, 1], padding: 'same' }, size, 8);
    assert.ok(bottom - top === 0 || bottom - top === 1);
    const reach = (Math.ceil(size / stride) - 1) * stride + kernel;
    assert.is(top + bottom, Math.max(0, reach - size));
  }
});

test('valid: every window lies inside, and one more would not', () => {
  for (const { size, kernel, stride } of windows.filter(({ size, kernel }) => kernel <= size)) {
    const [out] = slide('n', { kernel: [kernel, 1], strides: [stride, 1], padding: 'valid' }, size, 1);
    assert.ok((out - 1) * stride + kernel <= size && out * stride + kernel > size);
  }
});

test('own pads: 7x7 of stride 2 with 3 on each side halves 224, as 3x3 with 1 does', () => {
  assert.equal(slide('n', { kernel: [7, 7], strides: [2, 2], padding: [3, 3, 3, 3] }, 224, 224), [112, 112]);
  assert.equal(slide('n', { kernel: [3, 3], strides: [2, 2], padding: [1, 1, 1, 1] }, 112, 56), [56, 28]);
});

test.run();
