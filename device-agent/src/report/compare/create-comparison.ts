import { worstVerdict } from '../../measure/validity.js';
import { checkReport } from '../create-report.js';
import type { ComparedNetwork, NetworkComparison } from './comparison.js';
import { toCompareConclusion, toCompareHeadline } from './conclusion.js';
import { comparisonSchema } from './schema.js';
import { toCompareSummary } from './summary.js';

/** What was measured; all else follows from it. */
export type Compared = Pick<NetworkComparison, 'conditions' | 'setting' | 'steadiness' | 'leftOut' | 'results'>;

/**
 * The report of networks measured under one set of conditions; summary, verdict and conclusion follow from them.
 * @throws UsageError where a value breaks the schema, naming where.
 */
export function createComparison({ conditions, setting, steadiness, leftOut, results }: Compared): NetworkComparison {
  const measured = { conditions, setting, steadiness, leftOut, results };
  const timings = results.flatMap((each) => listTimings(each).map((measurement) => ({ each, measurement })));
  return checkReport(
    comparisonSchema,
    {
      schemaVersion: 1,
      command: 'compare',
      conditions,
      setting,
      steadiness,
      verdict: worstVerdict([steadiness.verdict, ...timings.map(({ measurement }) => measurement.verdict)]),
      reasons: [
        ...steadiness.reasons.map((reason) => `Before the timing: ${reason}`),
        ...timings.flatMap(({ each, measurement }) =>
          measurement.reasons.map((reason) => `${each.id}, ${measurement.runtime}, batch ${measurement.batch}: ${reason}`),
        ),
      ],
      summary: toCompareSummary(setting, results),
      headline: toCompareHeadline(measured),
      conclusion: toCompareConclusion(measured),
      leftOut,
      results,
    },
    'comparison',
  );
}

/** A comparison read back from its report.json. @throws UsageError when the document is not one. */
export function parseComparison(document: unknown): NetworkComparison {
  return checkReport(comparisonSchema, document, 'comparison');
}

function listTimings({ trainStep, inference }: ComparedNetwork) {
  return [trainStep, ...inference];
}
