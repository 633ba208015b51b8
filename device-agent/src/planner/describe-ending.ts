import { BudgetError, MeasurementError, type PreCropError } from '@precrop/sdk/core/errors';
import { type BudgetName, budgets } from '@precrop/sdk/plan/budget';
import type { PlanRound } from '../protocol/plan-file.js';
import type { Feasibility } from './feasibility.js';
import type { VerifiedPlan } from './verify-plan.js';

export interface PlanPlace {
  readonly architecture: string;
  readonly align: number;
  /** "onnxruntime/cpu, 2 threads". */
  readonly where: string;
}

type Failed = Exclude<VerifiedPlan['ending'], { kind: 'accept' }>;

/** An ending without a plan as a sentence that says what broke, what is possible, and what to do. */
export function toPlanError(ending: Failed, feasibility: readonly Feasibility[], place: PlanPlace): PreCropError {
  switch (ending.kind) {
    case 'infeasible':
      return toInfeasible(ending.broke, feasibility, toPlain(ending.nearest), place);
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

export interface Nearest {
  readonly widths: Readonly<Record<string, number>>;
  readonly costs: Readonly<Partial<Record<BudgetName, number>>>;
}

/** @param nearest the network that misses the budget by least */
export function toInfeasible(
  broke: readonly BudgetName[],
  feasibility: readonly Feasibility[],
  nearest: Nearest,
  { architecture, align, where }: PlanPlace,
): BudgetError {
  const rows = feasibility.filter(({ name }) => broke.includes(name));
  const asked = rows.map(({ name, budget }) => `a ${budgets[name].words} of ${budgets[name].format(budget)}`).join(' and ');
  const least = rows.map(({ name, least }) => budgets[name].format(least)).join(' and ');
  const isTogether = rows.every(({ satisfiable }) => satisfiable);
  const why = isTogether
    ? `each is possible alone, but no ${architecture} at multiples of ${align} was found that holds all`
    : `the narrowest ${architecture} at multiples of ${align} needs ${least}`;
  const best = broke.flatMap((name) => (nearest.costs[name] === undefined ? [] : [budgets[name].format(nearest.costs[name])]));
  return new BudgetError(
    `${capitalize(asked)} cannot be held on ${where}: ${why}. The nearest plan takes ${best.join(' and ')}: ${describeWidths(nearest.widths)}. Raise the budget, align to a smaller multiple, or choose a smaller architecture.`,
    {
      details: {
        status: 'infeasible',
        broke,
        least: Object.fromEntries(feasibility.map(({ name, least }) => [name, least])),
        budget: Object.fromEntries(feasibility.map(({ name, budget }) => [name, budget])),
        nearest,
      },
    },
  );
}

function describeRefusal({ names, round }: Extract<Failed, { kind: 'refuse' }>, { architecture, where }: PlanPlace): string {
  const costs = names.map((name) => {
    const [after, before] = [round.measured.costs[name], round.reference[name]];
    const than = before === undefined ? '' : ` against the original's ${budgets[name].format(before.value)}`;
    return `its ${budgets[name].words} is ${budgets[name].format(after?.value ?? 0)}${than}`;
  });
  return `Refused: no crop of ${architecture} that holds this budget is faster than the original on ${where}. The best has ${describeWidths(round.widths)}, and ${costs.join(' and ')}. Take the original, or ask for a shorter time.`;
}

function toPlain({ widths, measured }: PlanRound): Nearest {
  return { widths, costs: Object.fromEntries(Object.entries(measured.costs).map(([name, cost]) => [name, cost?.value])) };
}

/** `stage1=8, stage2=16, … and 9 more`. */
function describeWidths(widths: Readonly<Record<string, number>>): string {
  const all = Object.entries(widths).map(([group, width]) => `${group}=${width}`);
  return all.length <= 5 ? all.join(', ') : `${all.slice(0, 4).join(', ')} and ${all.length - 4} more`;
}

function capitalize(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
