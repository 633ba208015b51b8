import type { Rng } from '../core/rng.js';
import type { ImageFormat } from './dataset.js';

/**
 * `pad-crop-flip`: pad by 4 pixels, crop back at a random place, mirror every second image (He et al., "Deep Residual Learning
 * for Image Recognition", arXiv 1512.03385, §4.2). `flip`: mirror only.
 */
export type Augmentation = 'none' | 'flip' | 'pad-crop-flip';

export const augmentations: readonly Augmentation[] = ['none', 'flip', 'pad-crop-flip'];

/** Pixels of padding on each side. */
export const padding = 4;

/** What happens to one image: it is moved by (dy, dx) pixels, what leaves the frame is lost, then it is mirrored. */
export interface Placement {
  readonly dy: number;
  readonly dx: number;
  readonly flip: boolean;
}

/** A random placement; draws the same number of values for every image of one kind. */
export function drawPlacement(augment: Augmentation, rng: Rng): Placement {
  const crop = augment === 'pad-crop-flip';
  const dy = crop ? rng.integer(-padding, padding) : 0;
  const dx = crop ? rng.integer(-padding, padding) : 0;
  return { dy, dx, flip: augment !== 'none' && rng.integer(0, 1) === 1 };
}

/** Byte → normalised float, a row of 256 a channel. */
export function toLookupTable(format: ImageFormat): Float32Array {
  const table = new Float32Array(format.channels * 256); // [channels, 256]
  for (let channel = 0; channel < format.channels; channel++) {
    for (let byte = 0; byte < 256; byte++) {
      table[channel * 256 + byte] = (byte / 255 - (format.mean[channel] as number)) / (format.std[channel] as number);
    }
  }
  return table;
}

/**
 * Writes image `from` of `images` into place `to` of `target`, normalised. Padding is 0 *after* normalisation, thus the mean
 * colour: the same value that the convolutions pad with, as in the paper. (Torchvision's recipe pads with black instead.)
 * @param target zeros where nothing is written: a fresh array.
 */
export function placeImage(
  images: Uint8Array, // [n, h, w, c]
  from: number,
  target: Float32Array, // [batch, h, w, c]
  to: number,
  format: ImageFormat,
  table: Float32Array, // [c, 256]
  placement: Placement,
): void {
  const { height, width, channels } = format;
  const { dy, dx, flip } = placement;
  const size = height * width * channels;
  const columns = width - Math.abs(dx);
  const step = flip ? -2 * channels : 0; // after a pixel was written: on to the next, or back past it to the one before
  for (let y = Math.max(0, dy); y < height + Math.min(0, dy); y++) {
    const x = Math.max(0, dx); // first column of the moved image
    let read = from * size + ((y - dy) * width + (x - dx)) * channels;
    let write = to * size + (y * width + (flip ? width - 1 - x : x)) * channels;
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < channels * 256; row += 256) {
        target[write++] = table[row + (images[read++] as number)] as number;
      }
      write += step;
    }
  }
}
