import { readFile, stat } from 'node:fs/promises';
import type { Sharp, SharpOptions } from 'sharp';
import { BackendError, DataError, UsageError } from '../core/errors.js';
import { formatBytes, formatCount } from '../core/units.js';

const formats: readonly string[] = ['png', 'jpeg', 'webp'];
const maxBytes = 256e6;
/** Of a file: a bomb of a few kilobytes can claim billions. Every camera's pictures are smaller. */
const maxPixels = 250e6;

/**
 * Pixels [height, width, channels] in 0…1 of a PNG, JPEG or WebP file: turned as its EXIF data say, resized so that it covers the wanted
 * shape, and cropped to the middle. An image of that shape keeps its pixels as they are. What is transparent shows white.
 * @param shape [height, width, channels] of a network's input; 3 channels are RGB, 1 is grey.
 * @throws UsageError where there is no such file, or for another number of channels; DataError for a file that is no whole image.
 */
export async function loadImageFile(path: string, shape: readonly [number, number, number]): Promise<Float32Array> {
  const [height, width, channels] = shape;
  if (channels !== 3 && channels !== 1) {
    throw new UsageError(`The network takes images of ${channels} channels, but a picture has 3, or 1 where it is grey.`);
  }
  const bytes = await readBytes(path);
  const open = await loadSharp();
  try {
    await checkHeader(path, (options) => open(bytes, options));
    const { data } = await open(bytes, { failOn: 'error', limitInputPixels: maxPixels })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize(width, height, { fit: 'cover', position: 'centre' })
      .toColourspace(channels === 3 ? 'srgb' : 'b-w')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return Float32Array.from(data, (value) => value / 255);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${path} cannot be read as an image: it is damaged or cut off. Give a whole PNG, JPEG or WebP file.`, {
      cause: error,
      details: { path, reason: (error as Error).message },
    });
  }
}

type OpenImage = (bytes: Buffer, options: SharpOptions) => Sharp;

/** Loaded when the first picture comes: an app without pictures needs no libvips. Its other loaders (SVG, PDF, TIFF, …) never see a file. */
async function loadSharp(): Promise<OpenImage> {
  const { default: sharp } = await import('sharp').catch((cause: Error) => {
    throw new BackendError(`Pictures cannot be read on this machine: the package sharp does not load. Install the packages anew.`, {
      cause,
    });
  });
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer', 'VipsForeignLoadWebpBuffer'] });
  return sharp;
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new UsageError(`${path} is no file. Name a PNG, JPEG or WebP file.`);
    if (found.size > maxBytes) {
      throw new DataError(`${path} has ${formatBytes(found.size)}, but an image may have ${formatBytes(maxBytes)}. Make it smaller first.`);
    }
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(`There is no image ${path}.`, { cause: error });
    if (error instanceof UsageError || error instanceof DataError) throw error;
    throw new DataError(`The image ${path} cannot be read: ${message}.`, { cause: error });
  }
}

/** What the file says of itself, before anything is decoded. */
async function checkHeader(path: string, open: (options: SharpOptions) => Sharp): Promise<void> {
  const { format, width, height } = await open({ limitInputPixels: false })
    .metadata()
    .catch((cause: Error) => {
      throw new DataError(`${path} is no image that can be read here. Give a PNG, JPEG or WebP file.`, { cause, details: { path } });
    });
  if (!formats.includes(format ?? '')) throw new DataError(`${path} is a ${format} image. Give a PNG, JPEG or WebP file.`);
  if (width * height > maxPixels) {
    throw new DataError(
      `${path} has ${width}x${height} pixels, but an image may have ${formatCount(maxPixels)} of them. Make it smaller first.`,
    );
  }
}
