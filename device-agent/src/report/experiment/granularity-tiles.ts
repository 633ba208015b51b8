import { formatPercent } from '@precrop/sdk/core/units';
import { certaintyOf, type PooledDifference } from '../../experiment/granularity-analysis.js';
import { type Tile, toTileList } from '../page-tiles.js';
import { formatInterval, formatSigned } from './format-difference.js';
import { listTested } from './granularity-conclusion.js';
import type { GranularityReport } from './granularity-report.js';
import { realisationWords } from './realisation-words.js';

/** The original's accuracy, and what each realisation differs by on average; coloured only where the difference is one. */
export function toGranularityTiles({ results, pooled }: GranularityReport): string {
  const original = results.find(({ realisation }) => realisation === 'original');
  return toTileList([...(original ? [toOriginalTile(original)] : []), ...listTested(pooled).map(toDifferenceTile)]);
}

function toOriginalTile({ accuracy, trainings }: GranularityReport['results'][number]): Tile {
  return {
    name: 'Original',
    value: formatPercent(accuracy.mean),
    unit: 'accurate',
    detail: `${trainings.length} ${trainings.length === 1 ? 'seed' : 'seeds'}`,
    tone: 'even',
  };
}

function toDifferenceTile(difference: PooledDifference): Tile {
  const { realisation, byPair } = difference;
  const certainty = certaintyOf(difference);
  const isDifferent = certainty === 'sure' || certainty === 'likely';
  const doubts = { sure: undefined, likely: 'likely', unseen: 'within chance', unrepeated: 'one seed' } as const;
  const doubt = doubts[certainty];
  return {
    name: `Difference: ${realisationWords[realisation]}`,
    value: formatSigned(byPair.mean),
    unit: 'points',
    detail: byPair.low === null ? 'no interval' : `${formatInterval(byPair)} (95 %)`,
    tone: isDifferent ? (byPair.mean < 0 ? 'worse' : 'better') : 'even',
    ...(doubt === undefined ? {} : { doubt }),
  };
}
