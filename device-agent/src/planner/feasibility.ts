import { type Budget, type BudgetName, listBudgets } from '@precrop/sdk/plan/budget';
import type { Interval } from '../protocol/plan-file.js';

/** What can be had of one cost at all, and what was asked. */
export interface Feasibility {
  readonly name: BudgetName;
  /** Of the narrowest network. */
  readonly least: number;
  readonly original: number;
  readonly budget: number;
  readonly satisfiable: boolean;
}

type Costs = Readonly<Partial<Record<BudgetName, Interval>>>;

/** A row a budget. Each may be satisfiable alone; together they are where the narrowest network holds them all. */
export function toFeasibility(narrowest: Costs, original: Costs, budget: Budget): readonly Feasibility[] {
  return listBudgets(budget).map(([name, limit]) => {
    const least = narrowest[name]?.value ?? Number.NaN;
    return { name, least, original: original[name]?.value ?? Number.NaN, budget: limit, satisfiable: least <= limit };
  });
}
