import { BudgetError, MeasurementError, type PreCropError } from '@precrop/sdk/core/errors';
import { budgets } from '@precrop/sdk/plan/budget';
import { createInfeasibleError, describeWidths, type Infeasible, type PlanPlace } from '@precrop/sdk/plan/infeasible';
import type { PlanRound } from '../protocol/plan-file.js';
import type { Feasibility } from './feasibility.js';
import type { VerifiedPlan } from './verify-plan.js';

type Failed = Exclude<VerifiedPlan['ending'], { kind: 'accept' }>;

/** An ending without a plan as a sentence that says what broke, what is possible, and what to do. */
export function toPlanError(ending: Failed, feasibility: readonly Feasibility[], place: PlanPlace): PreCropError {
  switch (ending.kind) {
    case 'infeasible':
      return toInfeasible({ broke: ending.broke, nearest: toPlain(ending.nearest) }, feasibility, place);
    case 'refuse':
      return new BudgetError(describeRefusal(ending, place), { details: { refused: ending.names, nearest: toPlain(ending.round) } });
    case 'give-up':
      return createUnsteadyError(ending.reason);
  }
}

/** @param reason sentences */
export function createUnsteadyError(reason: string): MeasurementError {
  return new MeasurementError(
    `No plan was made, because nothing could be measured that can be trusted. ${reason} Try again when the machine is idle, or take the predictions with --no-verify.`,
    { details: { reason } },
  );
}

export function toInfeasible(
  { broke, nearest }: Pick<Infeasible, 'broke' | 'nearest'>,
  feasibility: readonly Feasibility[],
  place: PlanPlace,
): BudgetError {
  const least = Object.fromEntries(feasibility.map((row) => [row.name, row.least]));
  const budget = Object.fromEntries(feasibility.map((row) => [row.name, row.budget]));
  return createInfeasibleError(place, budget, { broke, least, nearest });
}

function describeRefusal({ names, round }: Extract<Failed, { kind: 'refuse' }>, { architecture, where }: PlanPlace): string {
  const costs = names.map((name) => {
    const [after, before] = [round.measured.costs[name], round.reference[name]];
    const than = before === undefined ? '' : ` against the original's ${budgets[name].format(before.value)}`;
    return `its ${budgets[name].words} is ${budgets[name].format(after?.value ?? 0)}${than}`;
  });
  return `Refused: no crop of ${architecture} that holds this budget is faster than the original on ${where}. The best has ${describeWidths(round.widths)}, and ${costs.join(' and ')}. Take the original, or ask for a shorter time.`;
}

function toPlain({ widths, measured }: PlanRound): Infeasible['nearest'] {
  return { widths, costs: Object.fromEntries(Object.entries(measured.costs).map(([name, cost]) => [name, cost?.value])) };
}
