import { drawAccuracyOverTime } from './charts/accuracy-over-time.js';
import { drawCostRatios } from './charts/cost-ratios.js';
import { drawGroupWidths } from './charts/group-widths.js';
import { drawLossOverEpochs } from './charts/loss-over-epochs.js';
import { drawStepSamples } from './charts/step-samples.js';
import { toHeadline } from './conclusion.js';
import { formatInteger } from './format.js';
import { toConclusionCard, toFigure, toPage, toSection } from './page-frame.js';
import { toConditionsList, toMethodNotes } from './page-notes.js';
import { toHtmlTable } from './page-table.js';
import { toTiles } from './page-tiles.js';
import type { ComparisonReport } from './report.js';

/** The report as one HTML document that loads nothing: charts, numbers, conditions, and the raw data inside. */
export function toHtml(report: ComparisonReport): string {
  const [original] = report.results;
  const headline = toHeadline(report);
  return toPage({
    brand: 'comparison report',
    title: `${original.architecture}: ${headline}`,
    headline,
    context: toContext(report),
    main: `${toTiles(report)}
${toConclusionCard('What was won, and what it cost', report.conclusion)}
${toSection('Accuracy against training time', 'A dot is a finished epoch. Evaluation does not count as training time.', figure(drawAccuracyOverTime, report))}
${toDetails(report)}
${toSection('All numbers', 'Medians, with the 5th and the 95th percentile beneath.', toHtmlTable(report))}
<section class="card"><h2>Conditions</h2>${toConditionsList(report)}</section>
<section class="card method"><h2>How this was measured</h2>${toMethodNotes(report)}</section>`,
    data: report,
  });
}

/** The smaller charts, two in a row; many groups need the whole width. */
function toDetails(report: ComparisonReport): string {
  const costs = toSection(
    "Costs as a share of the original's",
    `${key('track')}original, ${key('crop')}crop; shorter is better. Thin lines: 5th to 95th percentile of each.`,
    figure(drawCostRatios, report),
  );
  const groups = toSection(
    'Width of every group',
    `${key('track')}original, ${key('crop')}crop. Layers that must keep equal widths form a group.`,
    figure(drawGroupWidths, report),
  );
  const loss = toSection('Loss by epoch', 'Solid: training. Dashed: test.', figure(drawLossOverEpochs, report));
  const bound = report.results.some(({ trainStepBoundMs }) => trainStepBoundMs !== undefined)
    ? ' Diamond: the least that its MACs need.'
    : '';
  const samples = toSection(
    'Every training step timed',
    `A line a sample, the long line their median.${bound}`,
    figure(drawStepSamples, report),
  );
  if (report.results[1].widths.length > 16) return `<div class="pair">${costs}${samples}</div>${groups}${loss}`;
  return `<div class="pair">${costs}${groups}${loss}${samples}</div>`;
}

function toContext({ conditions, results: [original] }: ComparisonReport): string {
  const { dataset, recipe } = conditions;
  return (
    `${original.architecture} against its crop (${conditions.crop}): both trained for ${recipe.epochs} epochs on ` +
    `${formatInteger(dataset.trainImages)} images of ${dataset.name}, on ${conditions.device}.`
  );
}

function key(name: 'track' | 'crop'): string {
  return `<span class="key key-${name}"></span>`;
}

function figure(draw: (report: ComparisonReport, width: number) => string, report: ComparisonReport): string {
  return toFigure((width) => draw(report, width));
}
