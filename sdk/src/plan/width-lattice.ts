import { type WidthRange, widthRangeOf } from '../crop/alignment.js';
import type { Architecture } from '../ir/architecture.js';
import { placeNodes, type Setting, toSetting } from '../ir/placed-nodes.js';
import type { WidthGroup } from '../ir/width-groups.js';
import type { Widths } from '../ir/widths.js';

/** The widths among which a plan chooses: for each group, in alphabetical order, its allowed widths from narrow to wide. */
export interface WidthLattice {
  readonly groups: readonly WidthGroup[];
  readonly original: Setting;
  readonly ranges: readonly WidthRange[];
  readonly options: readonly (readonly number[])[];
  /** How many settings there are in all. */
  readonly size: number;
}

/** Wider groups than this many steps are searched in growing steps; the last steps to a budget are single ones again. */
const mostOptions = 20;

/**
 * @param growth how far a group may widen beyond its original width; 1: not at all
 * @throws UsageError for an `align` that is no whole number of at least 1.
 */
export function createWidthLattice(architecture: Architecture, align: number, growth: number): WidthLattice {
  const { groups } = placeNodes(architecture);
  const ranges = groups.map((group) => widthRangeOf(group, align, growth));
  const options = ranges.map(listOptions);
  return {
    groups,
    original: toSetting(architecture, new Map()),
    ranges,
    options,
    size: options.reduce((product, { length }) => product * length, 1),
  };
}

export function toWidths({ groups }: WidthLattice, setting: Setting): Widths {
  const widths = new Map<string, number>();
  for (const [index, { name }] of groups.entries()) widths.set(name, setting[index] as number);
  return widths;
}

function listOptions({ least, most, step }: WidthRange): readonly number[] {
  const count = Math.round((most - least) / step) + 1;
  if (count <= mostOptions) return Array.from({ length: count }, (_, index) => least + index * step);
  const ratio = (most / least) ** (1 / (mostOptions - 1));
  const spread = Array.from({ length: mostOptions }, (_, index) => least + Math.round((least * ratio ** index - least) / step) * step);
  return [...new Set(spread)];
}
