import { type Budget, type BudgetName, type Cost, listBudgets } from '@precrop/sdk/plan/budget';

/** What can be had of one cost at all, and what was asked. */
export interface Feasibility {
  readonly name: BudgetName;
  /** Measured, of the narrowest network; predicted, of the cheapest, which is another one where the model is unsure. */
  readonly least: number;
  readonly original: number;
  readonly budget: number;
  readonly satisfiable: boolean;
}

/** A row a budget. Each may be satisfiable alone; together they are where one network holds them all. */
export function toFeasibility(leastCost: Cost, originalCost: Cost, budget: Budget): readonly Feasibility[] {
  return listBudgets(budget).map(([name, limit]) => {
    const [least, original] = [leastCost[name] ?? Number.NaN, originalCost[name] ?? Number.NaN];
    return { name, least, original, budget: limit, satisfiable: least <= limit };
  });
}
