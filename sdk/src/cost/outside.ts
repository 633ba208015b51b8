import { kindOf } from './kernel-prior.js';
import type { Kernel } from './kernels.js';
import type { Timing } from './time-model.js';

/** So far beyond the largest or below the smallest that was measured, as a factor, is still inside. */
const tolerance = 1.5;

/** Kind → what was timed of it on each of `axes`. */
export type TimedRanges = ReadonlyMap<string, { readonly least: readonly number[]; readonly most: readonly number[] }>;

export function toTimedRanges(timings: readonly Timing[]): TimedRanges {
  const ranges = new Map<string, { readonly least: number[]; readonly most: number[] }>();
  for (const { kernels, batch } of timings) {
    for (let index = 0; index < kernels.length; index++) {
      const kernel = kernels[index] as Kernel;
      if (kernel === kernels[index - 1]) continue;
      const sizes = sizesOf(kernel, batch);
      const kind = kindOf(kernel);
      const known = ranges.get(kind);
      if (known) widen(known, sizes);
      else ranges.set(kind, { least: sizes.slice(), most: sizes.slice() });
    }
  }
  return ranges;
}

function widen({ least, most }: { readonly least: number[]; readonly most: number[] }, sizes: readonly number[]): void {
  for (let axis = 0; axis < sizes.length; axis++) {
    const size = sizes[axis] as number;
    if (size < (least[axis] as number)) least[axis] = size;
    if (size > (most[axis] as number)) most[axis] = size;
  }
}

/**
 * Which kernels of a network lie outside of what was timed, a sentence a kind: kinds that were never timed, and sizes beyond all that were.
 */
export function findOutside(kernels: readonly Kernel[], batch: number, ranges: TimedRanges): readonly string[] {
  const sentences = new Map<string, string>();
  for (const kernel of kernels) {
    const kind = kindOf(kernel);
    if (sentences.has(kind)) continue;
    const range = ranges.get(kind);
    if (!range) {
      sentences.set(kind, `No network with "${kind}" was timed.`);
      continue;
    }
    sizesOf(kernel, batch).forEach((size, axis) => {
      const [least, most] = [range.least[axis] ?? 0, range.most[axis] ?? 0];
      if (size >= least / tolerance && size <= most * tolerance) return;
      sentences.set(kind, `"${kind}" was timed at ${least} to ${most} ${axes[axis]}, and this has ${size}.`);
    });
  }
  return [...sentences.values()];
}

const axes = ['pixels', 'input channels', 'output channels', 'images'];

function sizesOf({ pixels, inChannels, outChannels }: Kernel, batch: number): readonly number[] {
  return [pixels, inChannels, outChannels, batch];
}
