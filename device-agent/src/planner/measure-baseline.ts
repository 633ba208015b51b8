import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import { type Widths, withWidths } from '@precrop/sdk/ir/widths';
import type { Budget } from '@precrop/sdk/plan/budget';
import type { PlanCosts } from '@precrop/sdk/plan/cost-table';
import { drawWidths } from '../profiler/random-widths.js';
import type { PlanRound } from '../protocol/plan-file.js';
import type { CandidateMeter } from './candidate-meter.js';
import { decideBaseline, type LoopLimits, listTrusted, usualLimits } from './decide-next.js';
import { estimateCosts } from './estimate-costs.js';
import { type PlanSetup, toPlanCosts } from './plan-setup.js';
import { createProposals } from './proposals.js';

/** What is measured before there is a budget: what can be had at all. */
export type Baseline =
  | { readonly status: 'measured'; readonly original: PlanRound; readonly narrowest: PlanRound; readonly rounds: readonly PlanRound[] }
  | { readonly status: 'unsteady'; readonly reason: string; readonly rounds: readonly PlanRound[] };

/** An architecture that the profile has timed less often is timed at random widths too. */
const enoughTimings = 6;
const mostSamples = 3;

/** Measures the original and the narrowest network; and some at random where the profile hardly knows the architecture. */
export async function measureBaseline(
  setup: PlanSetup,
  meter: CandidateMeter,
  context: RunContext,
  limits: LoopLimits = usualLimits,
): Promise<Baseline> {
  const { architecture, front } = setup;
  const costs = toPlanCosts(setup);
  const { narrowest, original } = createProposals(architecture, front, costs, new Set());
  const rng = context.rng.fork('plan-samples', architecture.name);
  const samples = Array.from({ length: countMissing(setup) }, () => ({
    role: 'sample' as const,
    widths: drawWidths(architecture, front.align, rng),
    objective: null,
  }));
  const wanted: readonly Asked[] = [{ role: 'original', ...original }, { role: 'narrowest', ...narrowest }, ...samples];
  const roles = wanted.map(({ role }) => role);
  const rounds: PlanRound[] = [];
  for (;;) {
    throwIfCancelled(context);
    const next = decideBaseline(rounds, roles, limits);
    if (next === undefined) break;
    if (next.kind === 'give-up') return { status: 'unsteady', reason: next.reason, rounds };
    const index = next.kind === 'role' ? next.index : listTrusted(rounds).length;
    if (next.kind === 'again') {
      context.emit({ type: 'phase', name: 'wait', message: `measuring again: ${next.reason}` });
      await meter.settle();
    }
    const asked = wanted[index] as Asked;
    context.emit({ type: 'phase', name: 'measure', message: `measuring the ${words[asked.role]}` });
    rounds.push(await measureRound(asked, setup, costs, meter));
  }
  const find = (role: PlanRound['role']): PlanRound => listTrusted(rounds).find((each) => each.role === role) as PlanRound;
  return { status: 'measured', original: find('original'), narrowest: find('narrowest'), rounds };
}

export interface Asked {
  readonly role: PlanRound['role'];
  readonly widths: Widths;
  readonly objective: number | null;
}

export async function measureRound(
  { role, widths, objective }: Asked,
  { architecture, names }: PlanSetup,
  costs: PlanCosts,
  meter: CandidateMeter,
  budget?: Budget,
): Promise<PlanRound> {
  const network = withWidths(architecture, widths);
  const predicted = estimateCosts(network, costs);
  return { role, widths: Object.fromEntries(widths), objective, predicted, ...(await meter.measure(network, names, budget)) };
}

const words: Readonly<Record<PlanRound['role'], string>> = {
  original: 'original',
  narrowest: 'narrowest network',
  sample: 'same at random widths',
  candidate: 'candidate',
};

function countMissing({ architecture, profile, inference, training }: PlanSetup): number {
  const count = (engines: DeviceEngines, name: string | undefined): number =>
    engines.find(({ engine }) => engine === name)?.timings.filter(({ network }) => network === architecture.name).length ?? 0;
  const known = [
    ...(inference ? [count(profile.inference, inference.runtime)] : []),
    ...(training ? [count(profile.training, training.backend)] : []),
  ];
  return Math.max(0, Math.min(mostSamples, enoughTimings - Math.min(...known, enoughTimings)));
}

type DeviceEngines = PlanSetup['profile']['inference'];
