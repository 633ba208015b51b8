import { formatBytes, formatMs, formatPercent } from '@precrop/sdk/core/units';
import { type Comparison, toComparisons } from './comparisons.js';
import { formatPoints, formatTimes } from './format.js';
import type { ComparisonReport } from './report.js';

interface Row {
  readonly label: string;
  readonly original: string;
  readonly crop: string;
  readonly ratio: string;
}

const header: Row = { label: '', original: 'original', crop: 'crop', ratio: 'crop / original' };

/** The comparison for a terminal: one row a figure, four columns, then the spread and the doubts as notes. */
export function toTextTable(report: ComparisonReport): string {
  const rows = [header, ...toRows(report)];
  const width = (column: keyof Row): number => Math.max(...rows.map((row) => row[column].length));
  const widths = { label: width('label'), original: width('original'), crop: width('crop'), ratio: width('ratio') };
  const lines = rows.map((row) =>
    [
      row.label.padEnd(widths.label),
      row.original.padStart(widths.original),
      row.crop.padStart(widths.crop),
      row.ratio.padStart(widths.ratio),
    ].join('   '),
  );
  lines.splice(1, 0, '-'.repeat(lines[0]?.length ?? 0));
  return [...lines, ...toNotes(report)].join('\n');
}

function toRows(report: ComparisonReport): readonly Row[] {
  const { summary, results } = report;
  const [original, crop] = results;
  const points = `${summary.accuracyDifference < 0 ? '-' : '+'}${formatPoints(summary.accuracyDifference)}`;
  const comparisons = toComparisons(original, crop);
  return [
    { label: 'Test accuracy', original: formatPercent(original.accuracy.final), crop: formatPercent(crop.accuracy.final), ratio: points },
    {
      label: 'Training time',
      original: formatMs(summary.originalTrainSeconds * 1000),
      crop: formatMs(summary.cropTrainSeconds * 1000),
      ratio: toRatio(summary.cropTrainSeconds / summary.originalTrainSeconds),
    },
    ...comparisons.map((each) => toRow(each, isAmbiguous(each, comparisons))),
    {
      label: 'Memory training added',
      original: formatBytes(original.peakRssBytes.value - original.peakRssBytes.baselineBytes),
      crop: formatBytes(crop.peakRssBytes.value - crop.peakRssBytes.baselineBytes),
      ratio: toRatio(
        (crop.peakRssBytes.value - crop.peakRssBytes.baselineBytes) / (original.peakRssBytes.value - original.peakRssBytes.baselineBytes),
      ),
    },
  ];
}

function toRow(comparison: Comparison, nameRuntime: boolean): Row {
  const mark = { valid: '', noisy: ' ~', invalid: ' !' }[comparison.verdict];
  return {
    label: `${comparison.label}${nameRuntime ? ` (${comparison.runtime})` : ''}${mark}`,
    original: comparison.format(comparison.original.value),
    crop: comparison.format(comparison.crop.value),
    ratio: comparison.verdict === 'invalid' ? 'not compared' : toRatio(comparison.ratio),
  };
}

/** Two runtimes at one batch need their names to be told apart. */
function isAmbiguous(comparison: Comparison, all: readonly Comparison[]): boolean {
  return all.some((other) => other.id !== comparison.id && other.label === comparison.label);
}

/** "0.37 (2.7x less)": the share and the factor that people say. */
function toRatio(ratio: number): string {
  if (!Number.isFinite(ratio) || ratio <= 0) return '-';
  const share = ratio.toFixed(2);
  if (ratio <= 1 / 1.05) return `${share} (${formatTimes(1 / ratio)} less)`;
  return ratio >= 1.05 ? `${share} (${formatTimes(ratio)} more)` : `${share} (level)`;
}

function toNotes(report: ComparisonReport): readonly string[] {
  const { conditions, results } = report;
  const spread = toComparisons(...results)
    .filter((each) => each.kind === 'trainStep' && each.verdict !== 'invalid')
    .map(
      ({ original, crop }) =>
        `Training step, 5th to 95th percentile: original ${formatMs(original.low)} to ${formatMs(original.high)}, ` +
        `crop ${formatMs(crop.low)} to ${formatMs(crop.high)}.`,
    );
  const doubts = report.reasons.map((reason) => `~ ${reason}`);
  return [
    '',
    `Measured on ${conditions.device}: ${conditions.runtimeUsed}, ${conditions.threads} ${conditions.threads === 1 ? 'thread' : 'threads'}, batch ${conditions.batch}, power ${conditions.power}.`,
    ...toInferenceNotes(results),
    ...spread,
    ...doubts,
  ];
}

/** Which runtime each inference time is of: the fastest of each contender. */
function toInferenceNotes(results: ComparisonReport['results']): readonly string[] {
  const inference = toComparisons(...results).filter(({ kind }) => kind === 'inference');
  const settings = new Map<string, number[]>();
  for (const { setting, batch = 1 } of inference) {
    const runtime = setting.replace(/, batch \d+$/, '');
    settings.set(runtime, [...(settings.get(runtime) ?? []), batch]);
  }
  return [...settings].map(([runtime, batches]) => `Inference, batch ${batches.join(' and ')}: ${runtime}.`);
}
