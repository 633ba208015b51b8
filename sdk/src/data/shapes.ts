import { createRng, type Rng } from '../core/rng.js';
import { createSplit, type DatasetHeader, type ImageDataset, type ImageSplit } from './dataset.js';
import { type Outline, outlines } from './shape-outlines.js';

export interface ShapesOptions {
  readonly seed?: number;
  /** Default 10 000. */
  readonly trainCount?: number;
  /** Default 2 000. */
  readonly testCount?: number;
}

const side = 32;

export const shapesHeader: DatasetHeader = {
  name: 'shapes',
  height: side,
  width: side,
  channels: 3,
  classNames: Object.keys(outlines),
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
  source: 'drawn by PreCrop',
};

/**
 * Ten kinds of shapes, drawn with random place, size, rotation, colours, background, clutter and noise: a data set that needs
 * no download. An image depends on the seed, its split and its number alone, so a larger set begins with the smaller one.
 */
export function createShapes({ seed = 0, trainCount = 10_000, testCount = 2_000 }: ShapesOptions = {}): ImageDataset {
  const rng = createRng(seed).fork('shapes');
  return { ...shapesHeader, train: drawSplit(trainCount, rng.fork('train')), test: drawSplit(testCount, rng.fork('test')) };
}

function drawSplit(count: number, rng: Rng): ImageSplit {
  const split = createSplit(count, side * side * 3);
  const kinds = Object.values(outlines);
  for (let image = 0; image < count; image++) {
    const label = image % kinds.length;
    split.labels[image] = label;
    const pixels = split.images.subarray(image * side * side * 3, (image + 1) * side * side * 3);
    drawImage(pixels, kinds[label] as Outline, rng.fork(image));
  }
  return split;
}

type Colour = readonly [number, number, number]; // 0 … 255
type Canvas = Float32Array; // [32, 32, 3], 0 … 255

const canvas: Canvas = new Float32Array(side * side * 3); // painted over for every image

function drawImage(pixels: Uint8Array, outline: Outline, rng: Rng): void {
  const ground = drawColour(rng);
  paintGround(ground, rng);
  for (let strokes = rng.integer(0, 2); strokes > 0; strokes--) paintStroke(drawColour(rng), rng);
  paintShape(outline, drawContrast(ground, rng), rng);
  develop(pixels, rng);
}

/** A colour with a slope and a wave of brightness, so that stripes alone tell nothing. */
function paintGround(colour: Colour, rng: Rng): void {
  const wave = { height: between(0, 25, rng), x: between(-0.9, 0.9, rng), y: between(-0.9, 0.9, rng), phase: between(0, 6.3, rng) };
  const slope = { x: between(-2, 2, rng), y: between(-2, 2, rng) };
  paint(0, side, 0, side, (at, x, y) => {
    const shade = wave.height * Math.sin(wave.x * x + wave.y * y + wave.phase) + slope.x * (x - 16) + slope.y * (y - 16);
    canvas[at] = colour[0] + shade;
    canvas[at + 1] = colour[1] + shade;
    canvas[at + 2] = colour[2] + shade;
  });
}

/** A straight line across the image. */
function paintStroke(colour: Colour, rng: Rng): void {
  const angle = between(0, Math.PI, rng);
  const offset = between(-16, 16, rng); // from the middle of the image
  const halfWidth = between(0.4, 1.8, rng);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  paint(0, side, 0, side, (at, x, y) => {
    cover(at, colour, Math.abs(cos * (x - 16) + sin * (y - 16) - offset) - halfWidth);
  });
}

/** The shape that the label names. It may leave the frame a little. */
function paintShape(outline: Outline, colour: Colour, rng: Rng): void {
  const radius = between(7, 13, rng);
  const reach = side / 2 - 0.75 * radius;
  const centreX = side / 2 + between(-reach, reach, rng);
  const centreY = side / 2 + between(-reach, reach, rng);
  const angle = between(0, 2 * Math.PI, rng);
  const cos = Math.cos(angle) / radius;
  const sin = Math.sin(angle) / radius;
  const extent = 1.3 * radius; // no outline goes further: sqrt(2) * 0.85, and half a pixel
  paint(
    Math.floor(centreX - extent),
    Math.ceil(centreX + extent),
    Math.floor(centreY - extent),
    Math.ceil(centreY + extent),
    (at, x, y) => {
      const dx = x - centreX;
      const dy = y - centreY;
      cover(at, colour, radius * outline(cos * dx + sin * dy, cos * dy - sin * dx));
    },
  );
}

/** Adds noise and rounds to bytes. The noise is xorshift32 (Marsaglia, "Xorshift RNGs", 2003): a byte of it a channel. */
function develop(pixels: Uint8Array, rng: Rng): void {
  const noise = between(4, 24, rng) / 128;
  let random = rng.integer(1, 0x7fffffff);
  for (let at = 0; at < pixels.length; at += 3) {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    for (let channel = 0; channel < 3; channel++) {
      const value = (canvas[at + channel] as number) + noise * (((random >>> (8 * channel)) & 255) - 127.5);
      pixels[at + channel] = Math.min(255, Math.max(0, Math.round(value)));
    }
  }
}

/** Calls `brush` for every pixel of a window, as far as it lies in the image, with the pixel's place and centre. */
function paint(left: number, right: number, top: number, bottom: number, brush: (at: number, x: number, y: number) => void): void {
  for (let y = Math.max(0, top); y < Math.min(side, bottom); y++) {
    for (let x = Math.max(0, left); x < Math.min(side, right); x++) brush((y * side + x) * 3, x + 0.5, y + 0.5);
  }
}

/** Lays a colour over a pixel, as far as it is inside; `distance` is that of its centre to the outline, in pixels. */
function cover(at: number, colour: Colour, distance: number): void {
  const share = Math.min(1, Math.max(0, 0.5 - distance));
  if (share === 0) return;
  for (let channel = 0; channel < 3; channel++) {
    const below = canvas[at + channel] as number;
    canvas[at + channel] = below + share * ((colour[channel] as number) - below);
  }
}

function between(low: number, high: number, rng: Rng): number {
  return low + (high - low) * rng.uniform();
}

function drawColour(rng: Rng): Colour {
  return [rng.integer(20, 235), rng.integer(20, 235), rng.integer(20, 235)];
}

/** A colour that can be told from the background. */
function drawContrast(ground: Colour, rng: Rng): Colour {
  for (;;) {
    const colour = drawColour(rng);
    if (Math.hypot(colour[0] - ground[0], colour[1] - ground[1], colour[2] - ground[2]) > 110) return colour;
  }
}
