import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import { type Budget, type BudgetName, budgets, listBudgets } from '@precrop/sdk/plan/budget';
import type { PlanRound } from '../protocol/plan-file.js';
import type { CandidateMeter } from './candidate-meter.js';
import { type Decision, decideNext, type LoopLimits, listTrusted, usualLimits } from './decide-next.js';
import { type Baseline, measureRound } from './measure-baseline.js';
import { type PlanSetup, toPlanCosts } from './plan-setup.js';
import { createProposals } from './proposals.js';
import { type Given, keyOf } from './rounds.js';

type Ending = Exclude<Decision, { kind: 'measure' | 'again' }>;

/** How planning and measuring ended; with all rounds, those of the baseline first. */
export interface VerifiedPlan {
  readonly ending: Ending;
  readonly given: Given;
  readonly rounds: readonly PlanRound[];
}

/**
 * Proposes a network, measures it, holds the cost model to what was measured, and again, until a measured network holds the budget and uses it, or
 * none that is wider does. What cannot be measured validly is never accepted.
 * @throws UsageError for no budget; CancelledError.
 */
export async function verifyPlan(
  setup: PlanSetup,
  baseline: Extract<Baseline, { status: 'measured' }>,
  budget: Budget,
  meter: CandidateMeter,
  context: RunContext,
  limits: LoopLimits = usualLimits,
): Promise<VerifiedPlan> {
  const given = listBudgets(budget);
  const rounds: PlanRound[] = [...baseline.rounds];
  for (;;) {
    throwIfCancelled(context);
    const trusted = listTrusted(rounds);
    const costs = toPlanCosts(setup, trusted);
    const proposals = createProposals(setup.architecture, setup.front, costs, new Set(trusted.map(({ widths }) => keyOf(widths))));
    const next = decideNext({ given, rounds }, proposals, limits);
    if (next.kind === 'measure') {
      const number = rounds.filter(({ role }) => role === 'candidate').length + 1;
      context.emit({ type: 'phase', name: 'measure', message: `round ${number}: ${describeCost(next.candidate.cost, given)} predicted` });
      rounds.push(await measureRound({ role: 'candidate', ...next.candidate }, setup, costs, meter, budget));
    } else if (next.kind === 'again') {
      const { role, widths, objective } = next.round;
      context.emit({ type: 'phase', name: 'wait', message: `measuring again: ${next.reason}` });
      await meter.settle();
      rounds.push(await measureRound({ role, widths: new Map(Object.entries(widths)), objective }, setup, costs, meter, budget));
    } else return { ending: next, given, rounds };
  }
}

function describeCost(cost: Readonly<Partial<Record<BudgetName, number>>>, given: Given): string {
  return given.map(([name]) => (cost[name] === undefined ? '' : budgets[name].format(cost[name]))).join(', ');
}
