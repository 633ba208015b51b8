import { formatPercent } from '@precrop/sdk/core/units';
import type { Blocks } from './interleave.js';
import { toMeanInterval } from './mean-interval.js';
import { median } from './statistics.js';

/** A median over blocks of samples, and the interval that holds the true one with at least 95 % certainty if blocks are independent. */
export interface ErrorBar {
  readonly median: number;
  /** Infinite where nothing was repeated. */
  readonly low: number;
  readonly high: number;
  readonly blocks: number;
  /** Whether the second half of the blocks, by itself, gives what the first half gave; false where there are too few blocks to see. */
  readonly repeats: boolean;
}

/** With fewer, no two of the blocks' medians enclose the true one with 95 % certainty. */
export const leastBlocksToRepeat = 6;

/** Halves that differ by less than this fraction repeat each other however narrow their bars are. */
const negligible = 0.01;
const confidence = 0.95;

/** Of the medians of blocks in the order they were taken: samples within a block are too alike to count singly. @throws RangeError without samples. */
export function toErrorBar(blocks: Blocks): ErrorBar {
  const medians = blocks.filter((block) => block.length > 0).map(median);
  const middle = median(medians);
  const half = Math.floor(medians.length / 2);
  const repeats = medians.length >= leastBlocksToRepeat && gapOf(medians.slice(0, half), medians.slice(-half)) <= negligible * middle;
  return { median: middle, ...toInterval(medians), blocks: medians.length, repeats };
}

/** Half the width of the bar as a fraction of the median. */
export function relativeErrorOf({ median: middle, low, high }: ErrorBar): number {
  return (high - low) / 2 / middle;
}

/** Why the number is not trusted although its samples are; undefined where it is. */
export function describeRepeat(bar: ErrorBar): string | undefined {
  if (bar.repeats) return undefined;
  if (bar.blocks < leastBlocksToRepeat) {
    return `Only ${bar.blocks} blocks were timed, and it takes ${leastBlocksToRepeat} to see whether the number repeats.`;
  }
  return `The second half of the blocks does not repeat the first within its own error bar: the median is not known to the ± ${formatPercent(relativeErrorOf(bar))} that it seems.`;
}

/** How far apart the intervals of two halves are; at most 0 where they overlap. */
function gapOf(first: readonly number[], second: readonly number[]): number {
  const [a, b] = [toInterval(first), toInterval(second)];
  return Math.max(a.low, b.low) - Math.min(a.high, b.high);
}

/**
 * From order statistics, which assume nothing of the distribution, and which a block that was disturbed does not widen (Conover 1999, section
 * 3.2). Of too few values from Student's t, which takes them for normal.
 */
function toInterval(values: readonly number[]): { readonly low: number; readonly high: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = findRank(values.length);
  if (rank > 0) return { low: sorted[rank - 1] as number, high: sorted[values.length - rank] as number };
  const { low, high } = toMeanInterval(values);
  return { low: low ?? Number.NEGATIVE_INFINITY, high: high ?? Number.POSITIVE_INFINITY };
}

/** The largest r for which the r-th value from below and from above enclose the median with the confidence wanted; 0 where there is none. */
function findRank(count: number): number {
  let outside = 0; // P(Binomial(count, 1/2) < rank), on each side
  let term = 0.5 ** count;
  for (let rank = 0; rank < count; rank++) {
    outside += term;
    if (1 - 2 * outside < confidence) return rank;
    term *= (count - rank) / (rank + 1);
  }
  return 0;
}
