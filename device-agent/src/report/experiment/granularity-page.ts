import { looksAtWeights } from '../../experiment/cell-groups.js';
import type { ExperimentSetting } from '../../experiment/experiment-setting.js';
import { drawGranularityAccuracy } from '../charts/granularity-accuracy.js';
import { drawGranularityDifferences } from '../charts/granularity-differences.js';
import { formatInteger } from '../format.js';
import { escapeHtml, typeset } from '../markup.js';
import { toConclusionCard, toFigure, toPage, toSection } from '../page-frame.js';
import { toGranularityHeadline } from './granularity-conclusion.js';
import type { GranularityReport } from './granularity-report.js';
import { granularityHeader, toGranularityRows } from './granularity-table.js';
import { toGranularityTiles } from './granularity-tiles.js';

/** The report of an experiment as one HTML document that loads nothing. */
export function toGranularityPage(report: GranularityReport): string {
  const { setting, results, pooled, conclusion, reasons } = report;
  const headline = toGranularityHeadline(pooled);
  const doubts = reasons.length === 0 ? '' : toSection('What is missing', '', `<p>${reasons.map(typeset).join(' ')}</p>`);
  const differences =
    pooled.length === 0
      ? ''
      : toSection(
          'Differences to zeros in single weights',
          'A dot is a pair of trainings of one seed, the bar their mean, the line its 95 % interval. A line that crosses zero leaves open whether there is a difference. All together, the thick line counts pairs, the thin one seeds alone.',
          toFigure((width) => drawGranularityDifferences(results, pooled, width)),
        );
  const accuracy = results.every(({ source }) => source === undefined)
    ? ''
    : toSection(
        'Accuracy of every training',
        'A dot is a training, the bar the mean of its seeds, the dashed line the original.',
        toFigure((width) => drawGranularityAccuracy(results, width)),
      );
  return toPage({
    brand: 'granularity experiment',
    title: `${setting.architecture}: ${headline}`,
    headline,
    context: `The same layer densities, realised in different ways: ${toTraining(setting)}.`,
    main: `${toGranularityTiles(report)}
${toConclusionCard('What came out', conclusion)}
${doubts}${differences}
${accuracy}
${toSection('All numbers', 'Accuracy on the test images after the last epoch. Difference and interval in percentage points, paired by seed with zeros in single weights of the same densities.', toTable(report))}
<section class="card method"><h2>How to read this</h2><ul>${toNotes(report)
      .map((note) => `<li>${typeset(note)}</li>`)
      .join('')}</ul></section>`,
    data: report,
  });
}

function toTable({ results }: GranularityReport): string {
  const columns = Object.keys(granularityHeader).filter((key) => key !== 'where') as (keyof typeof granularityHeader)[];
  const head = columns.map((key) => `<th scope="col">${escapeHtml(granularityHeader[key])}</th>`).join('');
  let last = '';
  const body = toGranularityRows(results).map((row) => {
    const title =
      row.where === last ? '' : `<tr class="reason-row"><td colspan="${columns.length}"><strong>${typeset(row.where)}</strong></td></tr>`;
    last = row.where;
    const [first = 'realisation', ...rest] = columns;
    return `${title}<tr><th scope="row">${escapeHtml(row[first])}</th>${rest.map((key) => `<td>${typeset(row[key])}</td>`).join('')}</tr>`;
  });
  return `<div class="scroll"><table class="wide"><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

function toTraining({ architecture, dataset, recipe, backend }: ExperimentSetting): string {
  const images = dataset.trainImages === undefined ? 'all images' : `${formatInteger(dataset.trainImages)} images`;
  const epochs = `${recipe.epochs} ${recipe.epochs === 1 ? 'epoch' : 'epochs'}`;
  return `${architecture}, ${epochs} on ${images} of ${dataset.name}, batch ${recipe.batch}, ${recipe.optimizer.kind} on a ${recipe.schedule.kind} schedule, ${backend}`;
}

function toNotes({ results, pooled, conditions, setting }: GranularityReport): readonly string[] {
  const random = [...new Set(results.flatMap(({ source }) => (source !== undefined && !looksAtWeights(source) ? [source] : [])))];
  return [
    'Trainings of one seed share their batches and, where they have masks, their first weights: so they are paired, and the differences of pairs are averaged. A crop has other shapes and so other first weights: it shares the batches alone.',
    'An interval is Student’s t at 95 %. Of one combination it takes the pairs of its seeds (three seeds: 2 degrees of freedom, 4.3 standard errors).',
    'All together counts in two ways. By pairs: each source and density has a level of its own, all pairs spread alike and independently. By seeds: the mean over all combinations is taken for each seed first, which stays right where a seed moves them all alike, and is wider. A difference is called one without reserve where both leave zero out.',
    'An interval that holds zero does not show that two realisations are equal: it shows how large a difference may have been missed.',
    ...(random.length > 0
      ? [
          `${random.join(' and ')} ${random.length === 1 ? 'gives' : 'give'} densities and no scores: their masks are random, so shuffling them tests nothing, and is shown as a check on chance, apart.`,
        ]
      : []),
    `Widths of crops are multiples of ${setting.align}. Shares of weights and MACs do not count zeros; a runtime that multiplies by zeros saves nothing of them.`,
    'Intervals are about other seeds, not about other test images: all trainings are judged on the same ones.',
    ...(pooled.length > 2 ? ['Many intervals are shown; one in twenty leaves zero out by chance alone.'] : []),
    `This report was made on ${conditions.device}. Trainings that were done before may have run elsewhere; each says in its file when it began and on how many threads.`,
  ];
}
