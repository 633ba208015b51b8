import { kindOf } from './kernel-prior.js';
import type { Kernel } from './kernels.js';
import type { Timing } from './time-model.js';

/** So far beyond the largest or below the smallest that was measured, as a factor, is still inside. */
const tolerance = 1.5;

/** Kind → what was timed of it on each of `axes`. */
export type TimedRanges = ReadonlyMap<string, readonly (readonly [least: number, most: number])[]>;

export function toTimedRanges(timings: readonly Timing[]): TimedRanges {
  const ranges = new Map<string, [least: number, most: number][]>();
  for (const { kernels, batch } of timings) {
    for (const kernel of new Set(kernels)) {
      const kind = kindOf(kernel);
      const sizes = sizesOf(kernel, batch);
      const known = ranges.get(kind) ?? sizes.map((size): [number, number] => [size, size]);
      ranges.set(kind, known);
      for (const [axis, range] of known.entries()) {
        const size = sizes[axis] as number;
        range[0] = Math.min(range[0], size);
        range[1] = Math.max(range[1], size);
      }
    }
  }
  return ranges;
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
      const [least = 0, most = 0] = range[axis] ?? [];
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
