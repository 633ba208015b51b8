import { UsageError } from '../core/errors.js';
import type { WidthGroup } from '../ir/width-groups.js';

/** The widths that a group may take: multiples of `step` from `least` to `most`, in channels. */
export interface WidthRange {
  readonly step: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Multiples of both `align` and the group's own multiple, from one to the original width times `growth`. A group that is narrower
 * than one multiple keeps its width.
 * @throws UsageError when `align` is no whole number of at least 1.
 */
export function widthRangeOf(group: WidthGroup, align: number, growth = 1): WidthRange {
  if (!Number.isInteger(align) || align < 1) {
    throw new UsageError(`Widths cannot be aligned to ${align}: give a whole number of at least 1, such as 8.`);
  }
  const step = leastCommonMultiple(align, group.multipleOf);
  const most = roundDown(group.width * growth, step);
  return most < step ? { step, least: group.width, most: group.width } : { step, least: step, most };
}

/** The widest allowed width at or below a number of channels. */
export function floorWidth(channels: number, { step, least, most }: WidthRange): number {
  return Math.min(most, Math.max(least, roundDown(channels, step)));
}

/** The narrowest allowed width at or above a number of channels. */
export function ceilWidth(channels: number, { step, least, most }: WidthRange): number {
  return Math.min(most, Math.max(least, -roundDown(-channels, step)));
}

/** The nearest allowed width; the wider of two. */
export function nearestWidth(channels: number, range: WidthRange): number {
  return floorWidth(channels + range.step / 2, range);
}

// A whole number of steps that was reached by floating-point arithmetic counts as reached.
function roundDown(channels: number, step: number): number {
  return Math.floor(channels / step + 1e-9) * step;
}

function leastCommonMultiple(a: number, b: number): number {
  const divisor = (x: number, y: number): number => (y === 0 ? x : divisor(y, x % y));
  return (a * b) / divisor(a, b);
}
