import type { SlidingWindow, Value } from './network.js';

/** Four numbers of float32. */
export const vectorBytes = 16;
const lanes = 4;

/**
 * How the planes of a value lie in memory: a vector a pixel. Its lanes are four images, or `banded`, four bands of rows of one image. All values of a
 * size that have zeros around them share a layout, so that a list of their planes can be read as one value.
 */
export interface Layout {
  readonly height: number;
  readonly width: number;
  readonly banded: boolean;
  /** Rows of a lane. */
  readonly band: number;
  /** What stands around the image. */
  readonly fill: number;
  /** Pixels around a plane, grown by all that read it before a byte is placed. */
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export function createLayout({ height, width }: Pick<Value, 'height' | 'width'>, banded: boolean, band?: number, fill = 0): Layout {
  return { height, width, banded, band: band ?? bandOf(height, banded), fill, top: 0, bottom: 0, left: 0, right: 0 };
}

/** Rows that each lane has of a value that is made: the fewest. */
export function bandOf(height: number, banded: boolean): number {
  return banded ? Math.ceil(height / lanes) : height;
}

/** Makes room around the image for a window that gives an output of that size. */
export function growFor(layout: Layout, { kernel, strides, pads }: SlidingWindow, output: Layout): void {
  const lastRow = (output.band - 1) * strides[0] - pads[0] + kernel[0] - 1;
  const lastColumn = (output.width - 1) * strides[1] - pads[2] + kernel[1] - 1;
  layout.top = Math.max(layout.top, pads[0]);
  layout.bottom = Math.max(layout.bottom, lastRow - layout.band + 1);
  layout.left = Math.max(layout.left, pads[2]);
  layout.right = Math.max(layout.right, lastColumn - layout.width + 1);
}

/** Bytes from a row to the next. */
export function pitchOf({ left, width, right }: Layout): number {
  return (left + width + right) * vectorBytes;
}

export function planeBytes(layout: Layout): number {
  return (layout.top + layout.band + layout.bottom) * pitchOf(layout);
}

/** Bytes from the begin of a plane to the first pixel of the image. */
export function originOf(layout: Layout): number {
  return layout.top * pitchOf(layout) + layout.left * vectorBytes;
}

/** As ./assembly/layout.ts reads it. */
export function writeLayout(layout: Layout, view: DataView): void {
  const { height, width, band, top, bottom, banded, fill } = layout;
  [height, width, band, top, bottom, pitchOf(layout), banded ? 1 : 0].forEach((word, index) => {
    view.setInt32(4 * index, word, true);
  });
  view.setFloat32(28, fill, true);
}

export const layoutBytes = 32;
