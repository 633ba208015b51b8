import type { Budget, BudgetName } from '@precrop/sdk/plan/budget';
import { createDocument, type JsonDocument } from '../protocol/json-document.js';
import type { MeasuredNetwork } from '../protocol/plan-file.js';

/** What came of one budget. */
export interface BudgetResult {
  readonly architecture: string;
  readonly budget: Budget;
  /** Budgets that nothing can hold; none for a feasible one. */
  readonly broken: readonly BudgetName[];
  readonly ending: string;
  /** Why it was given up; null where it was not. */
  readonly reason: string | null;
  /** Budgets that were called infeasible. */
  readonly named: readonly BudgetName[];
  /** Candidates that were measured. */
  readonly rounds: number;
  readonly seconds: number;
  readonly widths: Readonly<Record<string, number>> | null;
  /** The plan's own measurement, and another one afterwards in other processes. */
  readonly stamped: MeasuredNetwork | null;
  readonly again: MeasuredNetwork | null;
  /** Whether the second one is within both budgets, and the largest share that it uses. */
  readonly held: boolean;
  readonly use: number | null;
}

export type BudgetsSummary = Readonly<
  Record<
    'feasible' | 'held' | 'heldShare' | 'stamped' | 'meanUse' | 'impossible' | 'infeasible' | 'infeasibleNamed' | 'meanRounds' | 'seconds',
    number | null
  >
>;
export type BudgetsDocument = JsonDocument<BudgetsSummary, BudgetResult>;

/** @param conditions of the whole bench */
export function createBudgetsDocument(
  results: readonly BudgetResult[],
  conditions: JsonDocument['conditions'],
  seconds: number,
): BudgetsDocument {
  const feasible = results.filter(({ broken }) => broken.length === 0);
  const impossible = results.filter(({ broken }) => broken.length > 0);
  const stamped = feasible.filter(({ stamped: each }) => each !== null);
  const infeasible = impossible.filter(({ ending }) => ending === 'infeasible');
  const named = infeasible.filter(({ broken, named: said }) => broken.toSorted().join() === said.toSorted().join());
  const held = feasible.filter((each) => each.held).length;
  const unsteady = results.filter(({ ending }) => ending === 'give-up').length;
  return createDocument({
    command: 'bench budgets',
    conditions,
    verdict: unsteady === 0 ? 'valid' : 'noisy',
    reasons: unsteady === 0 ? [] : [`${unsteady} of ${results.length} budgets could not be planned, because the machine was not steady.`],
    summary: {
      feasible: feasible.length,
      held,
      heldShare: feasible.length === 0 ? null : held / feasible.length,
      stamped: stamped.length,
      meanUse: meanOf(stamped.flatMap(({ use }) => use ?? [])),
      impossible: impossible.length,
      infeasible: infeasible.length,
      infeasibleNamed: named.length,
      meanRounds: meanOf(feasible.map(({ rounds }) => rounds)),
      seconds,
    },
    results,
  });
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
