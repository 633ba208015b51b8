import type { Layout } from './layout.js';
import type { SlidingWindow } from './network.js';

const lanes = 4;

/** 1 / number of the image's pixels in the window, for each pixel and lane of an output: padding is not counted. */
export function toPoolFactors({ kernel, strides, pads }: SlidingWindow, input: Layout, output: Layout): Float32Array {
  const countIn = (place: number, stride: number, pad: number, extent: number, size: number): number => {
    const begin = place * stride - pad;
    return Math.max(1, Math.min(begin + extent, size) - Math.max(begin, 0));
  };
  const factors = new Float32Array(output.band * output.width * lanes);
  let next = 0;
  for (let row = 0; row < output.band; row++) {
    for (let column = 0; column < output.width; column++) {
      for (let lane = 0; lane < lanes; lane++) {
        const imageRow = output.banded ? lane * output.band + row : row;
        const rows = countIn(imageRow, strides[0], pads[0], kernel[0], input.height);
        factors[next++] = 1 / (rows * countIn(column, strides[1], pads[2], kernel[1], input.width));
      }
    }
  }
  return factors;
}
