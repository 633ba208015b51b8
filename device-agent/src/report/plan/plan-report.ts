import type { BudgetName, Cost } from '@precrop/sdk/plan/budget';
import type { Feasibility } from '../../planner/feasibility.js';
import type { JsonDocument, Summary } from '../../protocol/json-document.js';
import type { PlanFile } from '../../protocol/plan-file.js';
import type { GroupWidth } from '../report.js';

/** A candidate of the front: what it is worth and what it is predicted to cost. */
export interface FrontPoint {
  readonly objective: number;
  readonly cost: Cost;
}

/** All that the page of a plan shows. */
export interface PlanReport {
  readonly schemaVersion: 1;
  readonly command: 'plan';
  readonly conditions: JsonDocument['conditions'];
  readonly summary: Summary;
  readonly plan: PlanFile;
  readonly feasibility: readonly Feasibility[];
  readonly groups: readonly GroupWidth[];
  /** Thinned: those that no other is both cheaper and better than in some cost, and a part of the others. */
  readonly front: readonly FrontPoint[];
  /** The budget of which the plan uses most: the axis of the front. */
  readonly tightest: BudgetName;
}

/** Those that are worth more than all that cost less, from the cheapest on. */
export function findBest(points: readonly FrontPoint[], name: BudgetName): readonly FrontPoint[] {
  const best: FrontPoint[] = [];
  for (const point of points.toSorted((a, b) => (a.cost[name] ?? 0) - (b.cost[name] ?? 0) || b.objective - a.objective)) {
    if (point.objective > (best.at(-1)?.objective ?? Number.NEGATIVE_INFINITY)) best.push(point);
  }
  return best;
}
