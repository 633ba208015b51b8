import type { Arrangement, Step } from './arrange.js';
import { type Layout, planeBytes } from './layout.js';

const alignment = 64;

export interface Placement {
  /** Where each value begins, in bytes from the begin of the arena. */
  readonly offsets: readonly number[];
  /** The part of the arena for each layout: what stands around its planes is written once, before the first image. */
  readonly regions: readonly { readonly layout: Layout; readonly begin: number; readonly end: number }[];
  /** Of the arena. */
  readonly bytes: number;
}

/** Planes of a layout that are in use. */
interface Block {
  readonly first: number;
  readonly last: number;
  readonly value: number;
}

/**
 * Gives each value a place that it shares with no other that is needed at the same time: the lowest that is free in the region of its layout. Planes
 * of a layout lie at multiples of their size, so that what stands around them stays where it is whatever value they are of.
 */
export function placeValues({ values, steps }: Arrangement): Placement {
  const lastReads = findLastReads(steps);
  const firstPlanes = values.map(() => 0);
  const live = new Map<Layout, Block[]>();
  const counts = new Map<Layout, number>();
  steps.forEach((step, time) => {
    if (step.kind !== 'unpack') {
      const { layout, channels } = values[step.output] as (typeof values)[number];
      const blocks = live.get(layout) ?? [];
      const first = findGap(blocks, channels);
      firstPlanes[step.output] = first;
      live.set(layout, [...blocks, { first, last: first + channels, value: step.output }]);
      counts.set(layout, Math.max(counts.get(layout) ?? 0, first + channels));
    }
    for (const [layout, blocks] of live) {
      live.set(
        layout,
        blocks.filter(({ value }) => (lastReads.get(value) ?? -1) > time),
      );
    }
  });
  let bytes = 0;
  const regions = [...counts].map(([layout, count]) => {
    const begin = bytes;
    bytes = alignUp(begin + count * planeBytes(layout), alignment);
    return { layout, begin, end: bytes };
  });
  const begins = new Map(regions.map(({ layout, begin }) => [layout, begin]));
  const offsets = values.map(({ layout }, value) => (begins.get(layout) ?? 0) + (firstPlanes[value] as number) * planeBytes(layout));
  return { offsets, regions, bytes };
}

function findLastReads(steps: readonly Step[]): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  steps.forEach((step, time) => {
    const residual = step.kind === 'conv' ? (step.residual ?? []) : [];
    for (const { value } of [...step.inputs, ...residual]) last.set(value, time);
  });
  return last;
}

/** The first of so many planes that are free. */
function findGap(blocks: readonly Block[], planes: number): number {
  let first = 0;
  for (const block of [...blocks].sort((a, b) => a.first - b.first)) {
    if (block.first - first >= planes) break;
    first = Math.max(first, block.last);
  }
  return first;
}

/** The next multiple. */
export function alignUp(bytes: number, multiple: number): number {
  return Math.ceil(bytes / multiple) * multiple;
}
