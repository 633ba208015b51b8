import { drawAccuracyOverTime } from './charts/accuracy-over-time.js';
import { drawCostRatios } from './charts/cost-ratios.js';
import { drawGroupWidths } from './charts/group-widths.js';
import { drawLossOverEpochs } from './charts/loss-over-epochs.js';
import { drawStepSamples } from './charts/step-samples.js';
import { toHeadline } from './conclusion.js';
import { formatInteger } from './format.js';
import { toScriptJson, typeset } from './markup.js';
import { toConditionsList, toMethodNotes } from './page-notes.js';
import { pageStyle } from './page-style.js';
import { toHtmlTable } from './page-table.js';
import { toTiles } from './page-tiles.js';
import type { ComparisonReport } from './report.js';

/** Widths that a chart is drawn at, px; the style sheet shows the one that fits, so that text keeps its size. */
const chartWidths = [340, 480, 640, 860] as const;

const toggleScript = `
const button = document.getElementById('theme'), root = document.documentElement;
const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
const label = () => { button.textContent = isDark() ? 'Light' : 'Dark'; };
button.onclick = () => { root.dataset.theme = isDark() ? 'light' : 'dark'; label(); };
button.hidden = false; label();`;

/** The report as one HTML document that loads nothing: charts, numbers, conditions, and the raw data inside. */
export function toHtml(report: ComparisonReport): string {
  const [original] = report.results;
  const headline = toHeadline(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${typeset(`${original.architecture}: ${headline}`)} · PreCrop</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<div class="bar"><div class="brand">PreCrop <span>comparison report</span></div><button id="theme" type="button" aria-label="Switch between light and dark" hidden></button></div>
<h1>${typeset(headline)}</h1>
<p class="context">${typeset(toContext(report))}</p>
</header>
<main>
${toTiles(report)}
${toConclusionCard(report.conclusion)}
${section('Accuracy against training time', 'A dot is a finished epoch. Evaluation does not count as training time.', figure(drawAccuracyOverTime, report))}
${toDetails(report)}
${section('All numbers', 'Medians, with the 5th and the 95th percentile beneath.', toHtmlTable(report))}
<section class="card"><h2>Conditions</h2>${toConditionsList(report)}</section>
<section class="card method"><h2>How this was measured</h2>${toMethodNotes(report)}</section>
</main>
<footer>Every sample is in this file as JSON (element <code>report-data</code>), and in <code>report.json</code> beside it.</footer>
<script type="application/json" id="report-data">${toScriptJson(report)}</script>
<script>${toggleScript}
</script>
</body>
</html>
`;
}

function toConclusionCard([finding = '', ...rest]: readonly string[]): string {
  const paragraphs = (sentences: readonly string[]): string => sentences.map((sentence) => `<p>${typeset(sentence)}</p>`).join('');
  return `<section class="card conclusion"><h2>What was won, and what it cost</h2>${paragraphs([finding])}<div class="rest">${paragraphs(rest)}</div></section>`;
}

/** The smaller charts, two in a row; many groups need the whole width. */
function toDetails(report: ComparisonReport): string {
  const costs = section(
    "Costs as a share of the original's",
    `${key('track')}original, ${key('crop')}crop; shorter is better. Thin lines: 5th to 95th percentile of each.`,
    figure(drawCostRatios, report),
  );
  const groups = section(
    'Width of every group',
    `${key('track')}original, ${key('crop')}crop. Layers that must keep equal widths form a group.`,
    figure(drawGroupWidths, report),
  );
  const loss = section('Loss by epoch', 'Solid: training. Dashed: test.', figure(drawLossOverEpochs, report));
  const bound = report.results.some(({ trainStepBoundMs }) => trainStepBoundMs !== undefined)
    ? ' Diamond: the least that its MACs need.'
    : '';
  const samples = section(
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

/** @param note is markup. */
function section(title: string, note: string, content: string): string {
  return `<section class="card"><h2>${typeset(title)}</h2><p class="note">${note}</p>${content}</section>`;
}

function key(name: 'track' | 'crop'): string {
  return `<span class="key key-${name}"></span>`;
}

function figure(draw: (report: ComparisonReport, width: number) => string, report: ComparisonReport): string {
  return `<figure>${chartWidths.map((width) => `<div class="at-${width}">${draw(report, width)}</div>`).join('')}</figure>`;
}
