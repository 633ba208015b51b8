import type { Widths } from '../ir/widths.js';
import type { BudgetName, Cost } from './budget.js';

/** Widths, what they are worth and what they are predicted to cost. */
export interface Candidate {
  readonly widths: Widths;
  /** Higher is better; what the numbers are is the objective's. */
  readonly objective: number;
  readonly cost: Cost;
}

export type PlanResult =
  | {
      readonly status: 'fits';
      readonly chosen: Candidate;
      /** The largest share of a budget that it uses, and of which. */
      readonly use: number;
      readonly tightest: BudgetName;
    }
  | {
      readonly status: 'infeasible';
      /** Which budgets no candidate holds; where each could be held alone, those that cannot be held together. */
      readonly broke: readonly BudgetName[];
      /** The least that any candidate costs, for each budget. */
      readonly least: Cost;
      /** The candidate that misses the budget by the smallest factor. */
      readonly nearest: Candidate;
    };
