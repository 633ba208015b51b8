import { kindOf } from './kernel-prior.js';
import type { Kernel } from './kernels.js';
import type { Timing } from './time-model.js';

/** So far beyond the largest or below the smallest that was measured, as a factor, is still inside. */
const tolerance = 1.5;

/**
 * Which kernels of a network lie outside of what was timed, a sentence a kind: kinds that were never timed, and sizes beyond all that were.
 */
export function findOutside(kernels: readonly Kernel[], batch: number, timings: readonly Timing[]): readonly string[] {
  const ranges = new Map<string, readonly (readonly [least: number, most: number])[]>();
  for (const timing of timings) {
    for (const kernel of timing.kernels) {
      const sizes = sizesOf(kernel, timing.batch);
      const known = ranges.get(kindOf(kernel)) ?? sizes.map((size): [number, number] => [size, size]);
      ranges.set(
        kindOf(kernel),
        known.map(([least, most], axis) => [Math.min(least, sizes[axis] ?? least), Math.max(most, sizes[axis] ?? most)]),
      );
    }
  }
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
