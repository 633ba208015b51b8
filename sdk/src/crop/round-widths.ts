import { BudgetError } from '../core/errors.js';
import { formatPercent } from '../core/units.js';
import { bisectLog } from '../density/bisect.js';
import { type FractionBudget, usedShare } from '../density/budget.js';
import type { Architecture } from '../ir/architecture.js';
import { findWidthGroups } from '../ir/width-groups.js';
import type { Widths } from '../ir/widths.js';
import { ceilWidth, floorWidth, type WidthRange, widthRangeOf } from './alignment.js';
import type { WidthRatios } from './crop-layers.js';
import { createWidthCounter, type WidthCount, type WidthCounter } from './width-counter.js';

export interface RoundOptions {
  /** Widths become multiples of this and of the group's own multiple; default 8. */
  readonly align?: number;
  /** The largest density; a group may widen by its square root. Default 1: no group widens. */
  readonly upperBound?: number;
}

/** What a group was asked to have, in channels, and what it may have. */
interface Asked {
  readonly name: string;
  readonly channels: number;
  readonly range: WidthRange;
}

/**
 * Width ratios → whole widths that hold the budget on exact counts: fractions of all trainable parameters (biases and batch norm
 * too) and of all MACs of the original. Every width is one of the two multiples around what was asked. All start from the lower one;
 * then, again and again, the group that is furthest below what it was asked takes its upper one, if the budget still holds.
 *
 * The order is by what was asked and not by Σ log p, which would widen streams and starve the widths inside blocks once more.
 * @throws BudgetError when the narrowest widths do not hold the budget, with what they need. UsageError for a bad `align`.
 */
export function roundWidths(architecture: Architecture, ratios: WidthRatios, budget: FractionBudget, options: RoundOptions = {}): Widths {
  const { align = 8, upperBound = 1 } = options;
  const counter = createWidthCounter(architecture);
  const original = counter.count(new Map());
  const shareOf = ({ params, macs }: WidthCount): number =>
    usedShare({ params: params / original.params, macs: macs / original.macs }, budget);
  const holds = (widths: Widths): boolean => shareOf(counter.count(widths)) <= 1;

  const asked: readonly Asked[] = findWidthGroups(architecture).groups.map((group) => ({
    name: group.name,
    channels: group.width * Math.max(0, ratios.get(group.name) ?? 1),
    range: widthRangeOf(group, align, Math.sqrt(upperBound)),
  }));
  const lowered = (factor: number): Widths =>
    new Map(asked.map(({ name, channels, range }) => [name, floorWidth(factor * channels, range)]));
  const narrowest = lowered(0);
  if (!holds(narrowest)) throw createBudgetError(architecture.name, budget, align, counter.count(narrowest), original);

  // Where a group cannot be as narrow as asked, the others give way together.
  const start = lowered(bisectLog((factor) => factor <= 1 && holds(lowered(factor))));
  return widenToAsked(start, asked, counter, shareOf);
}

function widenToAsked(start: Widths, asked: readonly Asked[], counter: WidthCounter, shareOf: (count: WidthCount) => number): Widths {
  const widths = new Map(start);
  const deficit = ({ name, channels }: Asked): number => channels / (widths.get(name) ?? 1);
  let used = counter.count(widths);
  for (;;) {
    const furthestFirst = asked
      .filter(({ name, channels, range }) => (widths.get(name) ?? 0) < ceilWidth(channels, range))
      .toSorted((a, b) => deficit(b) - deficit(a));
    const taken = furthestFirst.find(({ name, range }) => {
      const width = (widths.get(name) ?? 0) + range.step;
      const change = counter.countChange(widths, name, width);
      const after = { params: used.params + change.params, macs: used.macs + change.macs };
      if (shareOf(after) > 1) return false;
      widths.set(name, width);
      used = after;
      return true;
    });
    if (!taken) return widths;
  }
}

function createBudgetError(name: string, budget: FractionBudget, align: number, least: WidthCount, original: WidthCount): BudgetError {
  const needs = { params: least.params / original.params, macs: least.macs / original.macs };
  const broken = (['params', 'macs'] as const).filter((key) => needs[key] > (budget[key] ?? Number.POSITIVE_INFINITY));
  const word = { params: 'params', macs: 'MACs' };
  const asked = broken.map((key) => `${formatPercent(budget[key] ?? 0)} of the ${word[key]}`).join(' and ');
  // Rounded up, so that what is printed can be asked for.
  const reachable = broken.map((key) => `${formatPercent(Math.ceil(needs[key] * 1000) / 1000)} of the ${word[key]}`).join(' and ');
  return new BudgetError(
    `A budget of ${asked} cannot be met: the narrowest ${name} at multiples of ${align} needs ${reachable}. Raise the budget, align to a smaller multiple, or choose a smaller architecture.`,
    { details: { budget, needs, align } },
  );
}
