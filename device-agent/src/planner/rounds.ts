import { formatPercent } from '@precrop/sdk/core/units';
import { type BudgetName, budgetNames, budgets } from '@precrop/sdk/plan/budget';
import type { Interval, PlanRound } from '../protocol/plan-file.js';

/** What is given as a budget, in absolute numbers. */
export type Given = readonly (readonly [BudgetName, number])[];

/** Costs that are times: they change with the state of the machine. */
export const timedNames: readonly BudgetName[] = ['latencyMs', 'trainStepMs'];

/** Two networks are one where all groups have equal widths. */
export function keyOf(widths: Readonly<Record<string, number>>): string {
  return Object.entries(widths)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, width]) => `${name}=${width}`)
    .join(',');
}

/**
 * By how much, as a fraction, a time that is measured again in another process may differ beyond what one measurement sees of its own error: the
 * standard deviation of the original's time, which every round measured anew.
 */
export function driftOf(rounds: readonly PlanRound[]): number {
  const deviations = timedNames.flatMap((name) => {
    const logs = rounds.filter(isValid).flatMap(({ reference }) => (reference[name] ? [Math.log(reference[name].value)] : []));
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    return logs.length < 3 ? [] : [Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (logs.length - 1))];
  });
  return Math.max(leastDrift, ...deviations);
}

const leastDrift = 0.012;

/**
 * What is measured again has an error of its own. Of 94 plans that were measured again on a server whose neighbours were busy, two took longer than
 * twice what the first measurement's own error and the drift allow, none 2.4 times.
 */
const reach = 2;

/** The upper bound of what measuring again will find. */
export function upperOf(name: BudgetName, cost: Interval, drift: number): number {
  return timedNames.includes(name) ? cost.value + reach * Math.hypot(cost.high - cost.value, drift * cost.value) : cost.high;
}

export function isValid({ measured }: PlanRound): boolean {
  return measured.verdict === 'valid';
}

/** The budgets that a network does not surely hold: its upper bound is above them, or it was not measured. */
export function brokenBy(round: PlanRound, given: Given, drift: number): readonly BudgetName[] {
  return given
    .filter(([name, limit]) => {
      const cost = round.measured.costs[name];
      return cost === undefined || upperOf(name, cost, drift) > limit;
    })
    .map(([name]) => name);
}

/** The largest share of a budget that the measured costs use. */
export function useOf(round: PlanRound, given: Given): number {
  return given.reduce((most, [name, limit]) => Math.max(most, (round.measured.costs[name]?.value ?? Number.POSITIVE_INFINITY) / limit), 0);
}

/** The largest relative difference that the machine's own state may make before two measurements contradict each other. */
const mostApart = 0.05;

/** Why two measurements of one network contradict each other; undefined where they agree. */
export function describeContradiction(
  before: Readonly<Partial<Record<BudgetName, Interval>>>,
  after: Readonly<Partial<Record<BudgetName, Interval>>>,
  who: string,
): string | undefined {
  for (const name of budgetNames) {
    const [a, b] = [before[name], after[name]];
    if (!a || !b) continue;
    const apart = Math.abs(b.value / a.value - 1);
    const overlap = a.low <= b.high && b.low <= a.high;
    if (overlap || apart <= mostApart) continue;
    const { format, words } = budgets[name];
    return `${who} had a ${words} of ${format(a.value)} before and of ${format(b.value)} now, ${formatPercent(apart, 0)} apart: the machine is in another state.`;
  }
  return undefined;
}
