import { UsageError } from '../core/errors.js';
import { formatBytes, formatCount, formatMs } from '../core/units.js';

/** What must hold, in absolute numbers. Any of them together; at least one. */
export interface Budget {
  /** Of one batch on the runtime. */
  readonly latencyMs?: number | undefined;
  /** Highest resident memory of the process that runs the network, over a bare one. */
  readonly memoryBytes?: number | undefined;
  /** Of one training step. */
  readonly trainStepMs?: number | undefined;
  /** Trainable parameters, and multiply-accumulates of one image. */
  readonly params?: number | undefined;
  readonly macs?: number | undefined;
}

/** What a network costs, in the words of a budget; what nobody asked for is left out. */
export type Cost = Readonly<Partial<Record<BudgetName, number>>>;

export type BudgetName = keyof Budget;

/** How each budget is called and printed. */
export const budgets: Readonly<Record<BudgetName, { readonly words: string; readonly format: (value: number) => string }>> = {
  latencyMs: { words: 'latency', format: formatMs },
  memoryBytes: { words: 'memory', format: formatBytes },
  trainStepMs: { words: 'training step', format: formatMs },
  params: { words: 'parameters', format: formatCount },
  macs: { words: 'MACs', format: formatCount },
};

export const budgetNames: readonly BudgetName[] = Object.keys(budgets) as BudgetName[];

/** The budgets that were given. @throws UsageError for none, or one that is not above 0. */
export function listBudgets(budget: Budget): readonly (readonly [BudgetName, number])[] {
  const given = budgetNames.flatMap((name) => (budget[name] === undefined ? [] : [[name, budget[name]] as const]));
  if (given.length === 0) throw new UsageError('There is no budget. Give a latency, a memory, a training step, parameters or MACs.');
  for (const [name, value] of given) {
    if (value > 0 && Number.isFinite(value)) continue;
    throw new UsageError(`The ${budgets[name].words} budget is ${value}, but must be a number above 0.`);
  }
  return given;
}

/** The largest share of a budget that a cost uses; the budget holds when it is at most 1. */
export function usedShareOf(cost: Cost, given: readonly (readonly [BudgetName, number])[]): number {
  return given.reduce((most, [name, limit]) => Math.max(most, (cost[name] ?? Number.POSITIVE_INFINITY) / limit), 0);
}
