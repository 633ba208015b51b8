import { z } from 'zod';
import { ArchitectureError } from '../core/errors.js';

/** [top, bottom, left, right], in pixels. */
export type Pads = readonly [number, number, number, number];

/** `same` pads so that the output has ceil(input / stride) pixels, the odd one at the bottom and right, as TensorFlow does. */
export type Padding = 'same' | 'valid' | Pads;

export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
}

const pair = z.tuple([z.int().positive(), z.int().positive()]).readonly();
const pad = z.int().nonnegative();

/** The fields of a node that slides a window. */
export const windowFields: {
  kernel: z.ZodType<readonly [number, number]>;
  strides: z.ZodType<readonly [number, number]>;
  padding: z.ZodType<Padding>;
} = {
  kernel: pair,
  strides: pair,
  padding: z.union([z.enum(['same', 'valid']), z.tuple([pad, pad, pad, pad]).readonly()]),
};

/** Pixels of padding that a window needs on an image of this size. */
export function padsOf(window: Window, height: number, width: number): Pads {
  if (window.padding === 'valid') return [0, 0, 0, 0];
  if (window.padding !== 'same') return window.padding;
  const [top, bottom] = samePads(height, window.kernel[0], window.strides[0]);
  const [left, right] = samePads(width, window.kernel[1], window.strides[1]);
  return [top, bottom, left, right];
}

/** [height, width] of a window's output. @throws ArchitectureError when the window does not fit. */
export function slide(id: string, window: Window, height: number, width: number): readonly [number, number] {
  // A vector has no width.
  if (width < 1) throw new ArchitectureError(`Node "${id}" slides a window, but its input is a vector. Put it before the global-avg-pool.`);
  const [top, bottom, left, right] = padsOf(window, height, width);
  const outHeight = Math.floor((height + top + bottom - window.kernel[0]) / window.strides[0]) + 1;
  const outWidth = Math.floor((width + left + right - window.kernel[1]) / window.strides[1]) + 1;
  if (outHeight < 1 || outWidth < 1) {
    throw new ArchitectureError(
      `Node "${id}" slides a ${window.kernel.join('x')} window over an image of only ${height}x${width}. Give it padding, or a larger image.`,
    );
  }
  return [outHeight, outWidth];
}

function samePads(extent: number, kernel: number, stride: number): readonly [number, number] {
  const total = Math.max((Math.ceil(extent / stride) - 1) * stride + kernel - extent, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}
