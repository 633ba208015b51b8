import type { CellGroup } from '../../experiment/cell-groups.js';
import type { CellResult } from '../../experiment/cell-result.js';
import type { ExperimentSetting } from '../../experiment/experiment-setting.js';
import { analyseGranularity, type PooledDifference } from '../../experiment/granularity-analysis.js';
import type { Cell } from '../../experiment/granularity-cells.js';
import { resolutionOf } from '../../measure/mean-interval.js';
import type { JsonDocument, Summary } from '../../protocol/json-document.js';
import { toGranularityConclusion } from './granularity-conclusion.js';

/** What an experiment came to, wherever it was run. */
export interface GranularityFindings extends Pick<JsonDocument<Summary, CellGroup>, 'verdict' | 'reasons' | 'summary' | 'results'> {
  readonly setting: ExperimentSetting;
  readonly conclusion: readonly string[];
  readonly pooled: readonly PooledDifference[];
  /** Names of the trainings that were asked for and are not there. */
  readonly missing: readonly string[];
}

/** What report.json holds: the frame of every `--json` document, and what was found. */
export interface GranularityReport extends GranularityFindings, JsonDocument<Summary, CellGroup> {}

/** Fewer seeds than this make an interval that says little. */
const enoughSeeds = 3;

/** @param asked the trainings that there should be. */
export function toGranularityFindings(
  setting: ExperimentSetting,
  results: readonly CellResult[],
  asked: readonly Cell[],
): GranularityFindings {
  const { original, groups, pooled, missing } = analyseGranularity(results, asked);
  const all = [...(original ? [original] : []), ...groups];
  const fewest = Math.min(...all.map(({ trainings }) => trainings.length));
  const reasons = [
    ...(missing.length > 0 ? [`${missing.length} of ${missing.length + results.length} trainings are missing: ${toList(missing)}.`] : []),
    ...(fewest < enoughSeeds ? [`Some trainings have ${fewest} of at least ${enoughSeeds} seeds.`] : []),
    ...(pooled.length === 0 ? ['No training has its unstructured partner yet, so nothing can be compared.'] : []),
  ];
  return {
    verdict: pooled.length === 0 ? 'invalid' : reasons.length > 0 ? 'noisy' : 'valid',
    reasons,
    setting,
    summary: toSummary(original, pooled, { trainings: results.length, missing: missing.length, fewestSeeds: all.length > 0 ? fewest : 0 }),
    conclusion: toGranularityConclusion({ setting, original, groups, pooled, missing, trainings: results.length }),
    pooled,
    missing,
    results: all,
  };
}

/**
 * `meanDifferenceCrop`, `…Low` and `…High`, fractions of accuracy: the interval by pairs, and the one by seeds; `…Resolution` is the smallest
 * difference that the former could have told from zero.
 */
function toSummary(
  original: CellGroup | undefined,
  pooled: readonly PooledDifference[],
  counts: { readonly trainings: number; readonly missing: number; readonly fewestSeeds: number },
): Summary {
  const differences = pooled
    .filter(({ isControl }) => !isControl)
    .flatMap(({ realisation, byPair, bySeed }): (readonly [string, number | null])[] => {
      const name = `meanDifference${realisation.charAt(0).toUpperCase()}${realisation.slice(1)}`;
      return [
        [name, byPair.mean],
        [`${name}Low`, byPair.low],
        [`${name}High`, byPair.high],
        [`${name}Resolution`, resolutionOf(byPair)],
        [`${name}BySeedLow`, bySeed?.low ?? null],
        [`${name}BySeedHigh`, bySeed?.high ?? null],
      ];
    });
  return { ...counts, originalAccuracy: original?.accuracy.mean ?? null, ...Object.fromEntries(differences) };
}

function toList(names: readonly string[], most = 4): string {
  return names.length <= most + 1 ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
