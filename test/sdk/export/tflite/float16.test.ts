import { maxFloat16, toFloat16 } from '@precrop/sdk/export/tflite/float16';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fromFloat16 } from '../../../support/float16.js';

const infinity = 0x7c00;
const bitsOf = (value: number): number => toFloat16(Float32Array.of(value))[0] as number;

test('each of the 65536 float16 numbers is kept, with its sign', () => {
  const numbers = Array.from({ length: 2 ** 16 }, (_, bits) => bits).filter((bits) => !Number.isNaN(fromFloat16(bits)));
  assert.equal([...toFloat16(Float32Array.from(numbers, fromFloat16))], numbers);
});

test('what lies between two of them goes to the nearer one, and to the even one from the middle', () => {
  // The middle and its neighbours are exact in float32.
  for (let bits = 0; bits < infinity; bits++) {
    const [low, high] = [fromFloat16(bits), bits + 1 === infinity ? 2 ** 16 : fromFloat16(bits + 1)];
    const middle = (low + high) / 2;
    const step = middle * 2 ** -23;
    const expected = [bits, bits + (bits % 2), bits + 1];
    for (const [index, value] of [middle - step, middle, middle + step].entries()) {
      if (bitsOf(value) !== expected[index] || bitsOf(-value) !== 0x8000 + (expected[index] ?? 0)) {
        assert.unreachable(`${value} becomes ${bitsOf(value)}, but must be ${expected[index]}`);
      }
    }
  }
});

test('smaller than half of the smallest is zero, and no number stays none', () => {
  for (const value of [2 ** -25, 2 ** -26, 2 ** -149, 0]) assert.equal([bitsOf(value), bitsOf(-value)], [0, 0x8000]);
  assert.is(bitsOf(2 ** -25 * (1 + 2 ** -23)), 1);
  assert.ok(Number.isNaN(fromFloat16(bitsOf(Number.NaN))));
});

test('the largest number, and what is beyond', () => {
  assert.is(fromFloat16(bitsOf(maxFloat16)), maxFloat16);
  assert.is(bitsOf(65519.996), infinity - 1);
  for (const value of [65520, 1e30, Number.POSITIVE_INFINITY]) assert.equal([bitsOf(value), bitsOf(-value)], [infinity, 0x8000 + infinity]);
});

test.run();
