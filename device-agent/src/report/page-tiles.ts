import { formatPercent } from '@precrop/sdk/core/units';
import { type Comparison, fastestInference, toComparisons } from './comparisons.js';
import { formatPoints, formatShare, formatTimes } from './format.js';
import { escapeHtml, typeset } from './markup.js';
import type { ComparisonReport } from './report.js';

type Tone = 'better' | 'worse' | 'even';

/** One headline number. */
export interface Tile {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly detail: string;
  readonly tone: Tone;
  readonly doubt?: string;
}

/** The headline numbers: each with what it was before and after, losses coloured as losses. */
export function toTiles(report: ComparisonReport): string {
  const comparisons = toComparisons(...report.results);
  const step = comparisons.find(({ kind }) => kind === 'trainStep');
  const one = fastestInference(comparisons, 1);
  const many = fastestInference(comparisons, 128);
  const tiles = [
    ...(step ? [toSpeedTile('Training step', step)] : []),
    ...(one ? [toSpeedTile('Inference, 1 image', one)] : []),
    ...(many ? [toSpeedTile('Inference, 128 images', many)] : []),
    toAccuracyTile(report),
    ...comparisons.filter(({ kind }) => kind === 'params' || kind === 'peakMemory').map(toShareTile),
  ];
  return toTileList(tiles);
}

/** Headline numbers in a row, as markup. */
export function toTileList(tiles: readonly Tile[]): string {
  return `<ul class="tiles">${tiles.map(toHtml).join('')}</ul>`;
}

function toHtml({ name, value, unit, detail, tone, doubt }: Tile): string {
  const mark = doubt === undefined ? '' : ` <span class="doubt">${escapeHtml(doubt)}</span>`;
  return (
    `<li><span class="tile-name">${escapeHtml(name)}${mark}</span>` +
    `<span class="tile-value ${tone}">${typeset(value)} <small>${typeset(unit)}</small></span>` +
    `<span class="tile-detail">${typeset(detail)}</span></li>`
  );
}

function toSpeedTile(name: string, comparison: Comparison): Tile {
  const { ratio, verdict } = comparison;
  const detail = `${comparison.format(comparison.original.value)} → ${comparison.format(comparison.crop.value)}`;
  if (verdict === 'invalid') return { name, value: '–', unit: 'no valid timing', detail, tone: 'even', doubt: 'invalid' };
  const tone = toTone(ratio);
  const factor = formatTimes(ratio > 1 ? ratio : 1 / ratio);
  const unit = { better: 'faster', worse: 'slower', even: 'as fast' }[tone];
  return { name, value: tone === 'even' ? 'about' : factor, unit, detail, tone, ...(verdict === 'noisy' ? { doubt: 'noisy' } : {}) };
}

function toAccuracyTile({ summary }: ComparisonReport): Tile {
  const { accuracyDifference: difference } = summary;
  const certain = Math.abs(difference) > summary.accuracyResolution;
  const [points = '', unit = ''] = formatPoints(difference).split(' ');
  return {
    name: 'Test accuracy, equal epochs',
    value: `${difference < 0 ? '-' : '+'}${points}`,
    unit: certain ? unit : `${unit}, within chance`,
    detail: `${formatPercent(summary.originalAccuracy)} → ${formatPercent(summary.cropAccuracy)}`,
    tone: certain ? (difference < 0 ? 'worse' : 'better') : 'even',
  };
}

function toShareTile({ label, ratio, format, original, crop }: Comparison): Tile {
  return {
    name: label,
    value: formatShare(ratio),
    unit: 'of the original',
    detail: `${format(original.value)} → ${format(crop.value)}`,
    tone: toTone(ratio),
  };
}

function toTone(ratio: number): Tone {
  if (ratio >= 1.05) return 'worse';
  return ratio <= 1 / 1.05 ? 'better' : 'even';
}
