import { formatPercent } from '@precrop/sdk/core/units';
import type { CellGroup } from '../../experiment/cell-groups.js';
import { formatShare } from '../format.js';
import { formatInterval, formatSigned } from './format-difference.js';
import { realisationWords } from './realisation-words.js';

/** A row a group of trainings: cells as text, for a terminal and for a page. */
export interface GranularityRow {
  /** Source and density; empty for the original. */
  readonly where: string;
  readonly realisation: string;
  readonly seeds: string;
  readonly accuracy: string;
  /** Standard deviation over the seeds, in points. */
  readonly deviation: string;
  /** Of accuracy against zeros in single weights, in points, with its 95 % interval. */
  readonly difference: string;
  readonly interval: string;
  readonly weights: string;
  readonly macs: string;
}

export const granularityHeader: GranularityRow = {
  where: 'densities of',
  realisation: 'realised as',
  seeds: 'seeds',
  accuracy: 'accuracy',
  deviation: 'sd',
  difference: 'difference',
  interval: '95 % interval',
  weights: 'weights',
  macs: 'MACs',
};

export function toGranularityRows(groups: readonly CellGroup[]): readonly GranularityRow[] {
  return groups.map(({ source, density, realisation, trainings, accuracy, kept, difference }) => ({
    where: source === undefined ? '' : `${source} at ${formatShare(density)}`,
    realisation: realisationWords[realisation],
    seeds: String(trainings.length),
    accuracy: formatPercent(accuracy.mean, 2),
    deviation: accuracy.deviation === null ? '' : (100 * accuracy.deviation).toFixed(2),
    difference: difference ? formatSigned(difference.mean, 2) : '',
    interval: difference ? formatInterval(difference, 2) : '',
    weights: formatPercent(kept.weights),
    macs: formatPercent(kept.macs),
  }));
}
