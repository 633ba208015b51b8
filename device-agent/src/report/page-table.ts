import { formatBytes, formatMs, formatPercent } from '@precrop/sdk/core/units';
import { type Comparison, type Spread, toComparisons } from './comparisons.js';
import { formatInteger, formatPoints, formatTimes } from './format.js';
import { escapeHtml, typeset } from './markup.js';
import type { ComparisonReport, Contender } from './report.js';

/** Every number with its spread and its conditions; a number in doubt is followed by the reason. */
export function toHtmlTable(report: ComparisonReport): string {
  const [original, crop] = report.results;
  const { summary, conditions } = report;
  const points = `${summary.accuracyDifference < 0 ? '-' : '+'}${formatPoints(summary.accuracyDifference)}`;
  const rows = [
    row(
      'Test accuracy',
      `${formatInteger(conditions.dataset.testImages)} images, ±${formatPoints(summary.accuracyResolution)} on the difference`,
      [toAccuracyCell(original), toAccuracyCell(crop)],
      points,
    ),
    row(
      'Training time',
      `${original.epochs.length} epochs, evaluation not counted`,
      [formatMs(summary.originalTrainSeconds * 1000), formatMs(summary.cropTrainSeconds * 1000)].map(typeset),
      toRatio(summary.cropTrainSeconds / summary.originalTrainSeconds),
    ),
    ...toComparisons(original, crop).map(toRow),
    ...(summary.originalTrainStepTimesBound !== null && summary.cropTrainStepTimesBound !== null
      ? [
          row(
            'Step against its MAC bound',
            'step time ÷ the time that its MACs need at peak',
            [formatTimes(summary.originalTrainStepTimesBound), formatTimes(summary.cropTrainStepTimesBound)].map(typeset),
            '',
          ),
        ]
      : []),
    row(
      'Memory that training added',
      'peak less what was resident before',
      [toMemoryCell(original), toMemoryCell(crop)],
      toRatio(added(crop) / added(original)),
    ),
  ];
  return (
    '<div class="scroll"><table><thead><tr><th scope="col">What, and under which conditions</th><th scope="col">Original</th><th scope="col">Crop</th>' +
    `<th scope="col">Crop ÷ original</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
  );
}

function row(label: string, setting: string, cells: readonly string[], ratio: string, doubt = ''): string {
  const values = cells.map((cell) => `<td>${cell}</td>`).join('');
  return `<tr><th scope="row">${escapeHtml(label)}${doubt}<small>${typeset(setting)}</small></th>${values}<td class="ratio">${typeset(ratio)}</td></tr>`;
}

function toRow(comparison: Comparison): string {
  const { label, setting, verdict, ratio, reasons } = comparison;
  const cells = [comparison.original, comparison.crop].map((spread) => toSpreadCell(spread, comparison.format));
  const doubt = verdict === 'valid' ? '' : ` <span class="doubt">${verdict}</span>`;
  const reason =
    reasons.length === 0 ? '' : `<tr class="reason-row"><td colspan="4"><small>${typeset(reasons.join('; '))}</small></td></tr>`;
  return row(label, setting, cells, verdict === 'invalid' ? 'not compared' : toRatio(ratio), doubt) + reason;
}

/** The median, and below it the 5th and 95th percentile where there is a spread. */
function toSpreadCell({ value, low, high }: Spread, format: (value: number) => string): string {
  const spread = high > low ? `<small>${typeset(toRange(format(low), format(high)))}</small>` : '';
  return `${typeset(format(value))}${spread}`;
}

/** "202 ms" and "220 ms" → "202 – 220 ms"; units that differ stay. */
function toRange(low: string, high: string): string {
  const unit = high.slice(high.lastIndexOf(' '));
  return `${low.endsWith(unit) && low.split(' ').length === 2 ? low.slice(0, -unit.length) : low} – ${high}`;
}

function toAccuracyCell({ accuracy }: Contender): string {
  return `${typeset(formatPercent(accuracy.final))}<small>${typeset(`best ${formatPercent(accuracy.best)}`)}</small>`;
}

function toMemoryCell(contender: Contender): string {
  return `${typeset(formatBytes(added(contender)))}<small>${typeset(`predicted ${formatBytes(contender.peakRssBytes.predictedBytes)}`)}</small>`;
}

function added({ peakRssBytes }: Contender): number {
  return peakRssBytes.value - peakRssBytes.baselineBytes;
}

function toRatio(ratio: number): string {
  return Number.isFinite(ratio) && ratio > 0 ? ratio.toFixed(2) : '–';
}
