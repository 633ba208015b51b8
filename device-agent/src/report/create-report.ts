import { UsageError } from '@precrop/sdk/core/errors';
import type { z } from 'zod';
import type { Verdict } from '../measure/validity.js';
import { toComparisons, worseVerdict } from './comparisons.js';
import { toConclusion } from './conclusion.js';
import type { ComparisonReport, Contender, ReportConditions } from './report.js';
import { conditionsSchema, contenderSchema, reportSchema } from './schema.js';
import { toSummary } from './summary.js';

/**
 * The report of two contenders measured under one set of conditions; summary, verdict and conclusion follow from them.
 * @throws UsageError when a value breaks the schema, naming where.
 */
export function createReport(conditions: ReportConditions, original: Contender, crop: Contender): ComparisonReport {
  checkReport(conditionsSchema, conditions, 'conditions');
  checkReport(contenderSchema, original, 'original');
  checkReport(contenderSchema, crop, 'crop');
  const results = [original, crop] as const;
  const summary = toSummary(original, crop, conditions.dataset.testImages);
  const comparisons = toComparisons(original, crop);
  return {
    schemaVersion: 1,
    command: 'demo',
    conditions,
    verdict: comparisons.map((each) => each.verdict).reduce<Verdict>(worseVerdict, 'valid'),
    reasons: comparisons.flatMap((each) => each.reasons.map((reason) => `${each.label} (${each.setting}), ${reason}.`)),
    summary,
    conclusion: toConclusion({ conditions, summary, results }),
    results,
  };
}

/**
 * A report read back from report.json.
 * @throws UsageError when the document is not one.
 */
export function parseReport(document: unknown): ComparisonReport {
  return checkReport(reportSchema, document, 'report');
}

/** The value by a schema. @param name of the part that it is. @throws UsageError where it breaks the schema, naming where. */
export function checkReport<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = [name, ...(issue?.path ?? [])].join('.');
  throw new UsageError(`The report's ${where} is not usable: ${issue?.message ?? 'unknown rule'}. Measure again, or correct that value.`);
}
