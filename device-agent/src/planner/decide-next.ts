import { type Budget, type BudgetName, budgets } from '@precrop/sdk/plan/budget';
import type { Candidate } from '@precrop/sdk/plan/result';
import type { PlanRound } from '../protocol/plan-file.js';
import { brokenBy, describeContradiction, driftOf, type Given, isValid, keyOf, timedNames, upperOf, useOf } from './rounds.js';

/** All that was measured so far. */
export interface LoopState {
  readonly given: Given;
  /** In order; the first two are the original and the narrowest. */
  readonly rounds: readonly PlanRound[];
}

/** What the cost model says by now, held to all that was measured. */
export interface Proposals {
  /** The network that is worth most of those that are predicted to hold the budget and that were not measured. */
  best(budget: Budget): Candidate | undefined;
  /** The same of those that have one group of these widths a step wider. */
  widened(widths: Readonly<Record<string, number>>, budget: Budget): Candidate | undefined;
}

export interface LoopLimits {
  /** A plan that uses this share of its budget is not improved further. */
  readonly enoughUse: number;
  /** The same of the memory between the narrowest network and the budget. */
  readonly enoughRoom: number;
  /** Candidates that are measured at most. */
  readonly mostRounds: number;
  /** So often in a row a measurement may fail. */
  readonly mostFailures: number;
}

export const usualLimits: LoopLimits = { enoughUse: 0.95, enoughRoom: 0.8, mostRounds: 8, mostFailures: 3 };

export type Decision =
  | { readonly kind: 'measure'; readonly candidate: Candidate }
  /** The last measurement is not to be trusted: wait, then measure the same network again. */
  | { readonly kind: 'again'; readonly round: PlanRound; readonly reason: string }
  | { readonly kind: 'accept'; readonly round: PlanRound; readonly why: 'used' | 'widest' | 'rounds' | 'original' }
  | { readonly kind: 'infeasible'; readonly broke: readonly BudgetName[]; readonly nearest: PlanRound }
  | { readonly kind: 'refuse'; readonly names: readonly BudgetName[]; readonly round: PlanRound }
  | { readonly kind: 'give-up'; readonly reason: string };

/**
 * The next step of proposing and measuring. A plan is only ever accepted by a valid measurement whose upper bound is within every budget; what is
 * not measured, not valid or contradicts an earlier measurement is never accepted.
 */
export function decideNext(state: LoopState, proposals: Proposals, limits: LoopLimits = usualLimits): Decision {
  return failedLast(state.rounds, limits) ?? settle(state, proposals, limits);
}

/** The same before there is a budget: what is still to be measured of these roles, in order; undefined where all are. */
export function decideBaseline(
  rounds: readonly PlanRound[],
  wanted: readonly PlanRound['role'][],
  limits: LoopLimits = usualLimits,
): Extract<Decision, { kind: 'again' | 'give-up' }> | { readonly kind: 'role'; readonly index: number } | undefined {
  const failed = failedLast(rounds, limits);
  if (failed) return failed;
  const done = listTrusted(rounds).length;
  return done < wanted.length ? { kind: 'role', index: done } : undefined;
}

function failedLast(
  rounds: readonly PlanRound[],
  { mostFailures }: LoopLimits,
): Extract<Decision, { kind: 'again' | 'give-up' }> | undefined {
  const last = rounds.at(-1);
  const trusted = listTrusted(rounds);
  if (!last || trusted.at(-1) === last) return undefined;
  const reason = whyFailed(last, trusted) ?? '';
  const failures = rounds.length - 1 - rounds.findLastIndex((round) => trusted.includes(round));
  return failures < mostFailures ? { kind: 'again', round: last, reason } : { kind: 'give-up', reason };
}

/** Rounds that count. */
export function listTrusted(rounds: readonly PlanRound[]): readonly PlanRound[] {
  const trusted: PlanRound[] = [];
  for (const round of rounds) if (whyFailed(round, trusted) === undefined) trusted.push(round);
  return trusted;
}

/** Why a round does not count: it is not valid, or it contradicts what was measured before. */
function whyFailed(round: PlanRound, trusted: readonly PlanRound[]): string | undefined {
  // the last are on the machine, and explain those on the samples
  if (!isValid(round)) return round.measured.reasons.slice(-2).join(' ') || 'The measurement is not valid.';
  const same = trusted.find(({ widths }) => keyOf(widths) === keyOf(round.widths));
  const first = trusted.find(({ reference }) => Object.keys(reference).length > 0);
  return (
    (same && describeContradiction(same.measured.costs, round.measured.costs, 'The same network')) ??
    (first && describeContradiction(first.reference, round.reference, 'The original'))
  );
}

function settle({ given, rounds }: LoopState, proposals: Proposals, limits: LoopLimits): Decision {
  const trusted = listTrusted(rounds);
  const drift = driftOf(trusted);
  const original = trusted.find(({ role }) => role === 'original');
  const narrowest = trusted.find(({ role }) => role === 'narrowest');
  if (!original || !narrowest) return { kind: 'give-up', reason: 'The original and the narrowest network could not be measured.' };

  if (brokenBy(original, given, drift).length === 0) return { kind: 'accept', round: original, why: 'original' };
  const within = trusted.filter((round) => brokenBy(round, given, drift).length === 0);
  const faster = toFaster(given, original);
  const [held] = within.filter((round) => brokenBy(round, faster, drift).length === 0).toSorted((a, b) => worthOf(b) - worthOf(a));
  if (held && isUsed(held, narrowest, faster, drift, limits)) return { kind: 'accept', round: held, why: 'used' };

  const candidates = trusted.filter(({ role }) => role === 'candidate').length;
  if (candidates < limits.mostRounds) {
    const candidate = propose({ given: faster, trusted, held, drift }, proposals);
    if (candidate) return { kind: 'measure', candidate };
  }
  if (held) return { kind: 'accept', round: held, why: candidates < limits.mostRounds ? 'widest' : 'rounds' };
  const [slow] = within.toSorted((a, b) => worthOf(b) - worthOf(a));
  if (slow) return { kind: 'refuse', names: brokenBy(slow, faster, drift), round: slow };
  const nearest = trusted.toSorted((a, b) => shareOf(a, given, drift) - shareOf(b, given, drift))[0] ?? narrowest;
  const unclear = trusted.toSorted((a, b) => useOf(a, given) - useOf(b, given)).find((round) => useOf(round, given) <= clearly);
  if (unclear) return { kind: 'give-up', reason: describeDoubt(unclear, given, drift) };
  return { kind: 'infeasible', broke: brokenByAll(trusted, given, drift, nearest), nearest };
}

/**
 * Whether a network uses what it is given of some budget. Of memory the most is the runtime's own: what counts is how much of the room above the
 * narrowest network it takes.
 */
function isUsed(round: PlanRound, narrowest: PlanRound, given: Given, drift: number, { enoughUse, enoughRoom }: LoopLimits): boolean {
  return given.some(([name, limit]) => {
    const [cost, least] = [round.measured.costs[name], narrowest.measured.costs[name]];
    if (!cost || !least) return false;
    return name === 'memoryBytes'
      ? upperOf(name, cost, drift) - least.value >= enoughRoom * (limit - least.value)
      : cost.value >= enoughUse * limit;
  });
}

/** A network that uses no more than this holds the budget as far as its medians tell: only errors of measuring can stand against it. */
const clearly = 0.97;

function describeDoubt(round: PlanRound, given: Given, drift: number): string {
  const [name] = brokenBy(round, given, drift);
  const cost = name && round.measured.costs[name];
  if (!name || !cost) return 'The machine is not steady enough.';
  const { words, format } = budgets[name];
  return `A network with a ${words} of ${format(cost.value)} may take up to ${format(upperOf(name, cost, drift))}, by how much the machine differs from one measurement to the next.`;
}

interface Standing {
  readonly given: Given;
  readonly trusted: readonly PlanRound[];
  readonly held: PlanRound | undefined;
  readonly drift: number;
}

/** The budget, and in every time that it asks for to be faster than the original. */
function toFaster(given: Given, { measured: { costs } }: PlanRound): Given {
  return given.map(([name, limit]) => {
    const before = costs[name];
    return [name, timedNames.includes(name) && before ? Math.min(limit, before.low) : limit] as const;
  });
}

/** Something that is worth more than what holds: of the front with room for errors, without room, and a step beside what holds. */
function propose({ given, trusted, held, drift }: Standing, { best, widened }: Proposals): Candidate | undefined {
  const toAim = (roomOf: (name: BudgetName) => number): Budget =>
    Object.fromEntries(given.map(([name, limit]) => [name, limit / (1 + roomOf(name))]));
  const room = (name: BudgetName): number => roomFor(name, trusted, drift);
  const careful = toAim((name) => (1 + room(name)) * optimismOf(name, trusted) - 1);
  const withRoom = toAim(room);
  const choices = [() => best(careful), () => best(withRoom), () => best(toAim(() => 0)), () => held && widened(held.widths, withRoom)];
  for (const choose of choices) {
    const candidate = choose();
    if (candidate && (!held || candidate.objective > worthOf(held))) return candidate;
  }
  return undefined;
}

/**
 * What the last candidate cost over what was predicted. The best of many predictions is one that is too low, so the next one, though the model was
 * corrected, is likely to be so too.
 */
function optimismOf(name: BudgetName, trusted: readonly PlanRound[]): number {
  const last = trusted.findLast(({ role }) => role === 'candidate');
  const [predicted, measured] = [last?.predicted[name], last?.measured.costs[name]];
  if (!predicted || !measured) return 1;
  return Math.min(1.3, Math.max(1, measured.value / predicted.value)) ** 0.7;
}

/** How far upper bounds usually lie above the measured values, as a fraction. */
function roomFor(name: BudgetName, trusted: readonly PlanRound[], drift: number): number {
  const reaches = trusted
    .flatMap(({ measured: { costs } }) => (costs[name] ? [upperOf(name, costs[name], drift) / costs[name].value - 1] : []))
    .toSorted((a, b) => a - b);
  return Math.min(0.05, reaches[Math.floor(reaches.length / 2)] ?? 0);
}

/** Budgets that no measured network holds; where each can be held alone, those that the nearest network breaks. */
function brokenByAll(trusted: readonly PlanRound[], given: Given, drift: number, nearest: PlanRound): readonly BudgetName[] {
  const all = given.map(([name]) => name).filter((name) => trusted.every((round) => brokenBy(round, given, drift).includes(name)));
  return all.length > 0 ? all : brokenBy(nearest, given, drift);
}

function shareOf({ measured: { costs } }: PlanRound, given: Given, drift: number): number {
  return given.reduce((most, [name, limit]) => {
    const cost = costs[name];
    return Math.max(most, cost ? upperOf(name, cost, drift) / limit : Number.POSITIVE_INFINITY);
  }, 0);
}

function worthOf({ objective }: PlanRound): number {
  return objective ?? Number.NEGATIVE_INFINITY;
}
