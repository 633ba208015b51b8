import type { Arrangement, Step } from './arrange.js';
import { planeBytes } from './layout.js';

const alignment = 64;

export interface Placement {
  /** Where each value begins, in bytes from the begin of the arena. */
  readonly offsets: readonly number[];
  /** Of the arena. */
  readonly bytes: number;
}

interface Block {
  readonly begin: number;
  readonly end: number;
  readonly value: number;
}

/** Gives each value a place that it shares with no other that is needed at the same time: the lowest that is free. */
export function placeValues({ values, steps }: Arrangement): Placement {
  const lastReads = findLastReads(steps);
  const offsets = values.map(() => 0);
  let live: Block[] = [];
  let bytes = 0;
  steps.forEach((step, time) => {
    if (step.kind !== 'unpack') {
      const value = values[step.output];
      const size = value ? alignUp(value.channels * planeBytes(value.layout), alignment) : 0;
      const begin = findGap(live, size);
      offsets[step.output] = begin;
      live.push({ begin, end: begin + size, value: step.output });
      bytes = Math.max(bytes, begin + size);
    }
    live = live.filter(({ value }) => (lastReads.get(value) ?? -1) > time);
  });
  return { offsets, bytes };
}

function findLastReads(steps: readonly Step[]): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  steps.forEach((step, time) => {
    const residual = step.kind === 'conv' ? (step.residual ?? []) : [];
    for (const { value } of [...step.inputs, ...residual]) last.set(value, time);
  });
  return last;
}

function findGap(live: readonly Block[], size: number): number {
  let begin = 0;
  for (const block of [...live].sort((a, b) => a.begin - b.begin)) {
    if (block.begin - begin >= size) break;
    begin = Math.max(begin, block.end);
  }
  return begin;
}

/** The next multiple. */
export function alignUp(bytes: number, multiple: number): number {
  return Math.ceil(bytes / multiple) * multiple;
}
