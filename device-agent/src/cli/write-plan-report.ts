import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { type BudgetName, budgetNames, listBudgets } from '@precrop/sdk/plan/budget';
import type { MadePlan } from '../planner/make-plan.js';
import type { JsonDocument, Summary } from '../protocol/json-document.js';
import type { PlanFile } from '../protocol/plan-file.js';
import { toPlanPage } from '../report/plan/page.js';
import { type FrontPoint, findBest, type PlanReport } from '../report/plan/plan-report.js';
import { type WrittenReport, writeReportFiles } from '../report/write-report-files.js';
import { toPlanRows } from './show-plan.js';

export interface PlanReportParts {
  readonly made: MadePlan;
  readonly conditions: JsonDocument['conditions'];
  readonly summary: Summary;
}

/** @throws StorageError, see `writeReportFiles`. */
export function writePlanReport(directory: string, parts: PlanReportParts): Promise<WrittenReport> {
  return writeReportFiles(directory, toPlanReport(parts), toPlanPage);
}

function toPlanReport({ made: { file, front, feasibility }, conditions, summary }: PlanReportParts): PlanReport {
  return {
    schemaVersion: 1,
    command: 'plan',
    conditions,
    summary,
    plan: file,
    feasibility,
    groups: toPlanRows(file, createArchitecture(file.architecture)),
    front: thin(front.candidates.map(({ objective, cost }) => ({ objective, cost }))),
    tightest: findTightest(file),
  };
}

/** So many others stand for all. */
const mostOthers = 300;

function thin(points: readonly FrontPoint[]): readonly FrontPoint[] {
  const best = new Set(budgetNames.flatMap((name) => (points[0]?.cost[name] === undefined ? [] : findBest(points, name))));
  const step = Math.max(1, Math.floor(points.length / mostOthers));
  return points.filter((point, index) => best.has(point) || index % step === 0);
}

function findTightest({ budget, measured, predicted }: PlanFile): BudgetName {
  const shares = listBudgets(budget).map(
    ([name, limit]) => [name, ((measured?.costs[name] ?? predicted[name])?.value ?? 0) / limit] as const,
  );
  return shares.reduce((most, each) => (each[1] > most[1] ? each : most), shares[0] ?? (['latencyMs', 0] as const))[0];
}
