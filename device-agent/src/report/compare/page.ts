import { formatCount, formatMs } from '@precrop/sdk/core/units';
import { drawPareto, type ParetoAxis, type ParetoPoint } from '../charts/pareto.js';
import { formatInteger, formatShare } from '../format.js';
import { toConclusionCard, toFigure, toPage, toSection } from '../page-frame.js';
import { toConditionsList } from '../page-notes.js';
import type { ComparedNetwork, NetworkComparison } from './comparison.js';
import { timeAt } from './duels.js';
import { toLegend } from './page-mark.js';
import { toCompareNotes, toSettingEntries } from './page-notes.js';
import { compareStyle } from './page-style.js';
import { toCompareTable } from './page-table.js';

/** The comparison as one HTML document that loads nothing: the finding, every number, charts, and the raw data inside. */
export function toComparePage(report: NetworkComparison): string {
  const { conditions, results, conclusion, headline } = report;
  const conditionsList = toConditionsList({ conditions, results }, toSettingEntries(report));
  return toPage({
    brand: 'crops against sparse networks',
    title: `${results[0]?.architecture}: ${headline}`,
    headline,
    context: toContext(report),
    style: compareStyle,
    data: report,
    main: [
      toConclusionCard('What was won, and what was not', conclusion),
      toSection('All networks', toLegend(), toCompareTable(report)),
      ...toLatencyCharts(report),
      toCountCharts(report),
      `<section class="card"><h2>Conditions</h2>${conditionsList}</section>`,
      `<section class="card method"><h2>How this was measured</h2>${toCompareNotes(report)}</section>`,
    ].join('\n'),
  });
}

function toContext({ conditions: { recipe, dataset, device }, results, setting }: NetworkComparison): string {
  const kept = formatShare(setting.density);
  const seeds = setting.seeds.length === 1 ? 'one seed' : `${setting.seeds.length} seeds`;
  const epochs = recipe.epochs === 1 ? 'one epoch' : `${recipe.epochs} epochs`;
  return (
    `${results[0]?.architecture}, its crops, and sparse networks of which ${kept} of the weights stay: all trained for ${epochs} on ` +
    `${formatInteger(dataset.trainImages)} images of ${dataset.name}, ${seeds}, and timed on ${device}.`
  );
}

/** A chart a batch: the same networks, each in its fastest runtime. */
function toLatencyCharts({ setting, results }: NetworkComparison): readonly string[] {
  const cards = setting.batches.flatMap((batch) => {
    const points = results.flatMap((network): readonly ParetoPoint[] => {
      const time = timeAt(network, batch);
      return time ? [toPoint(network, time.median, time.p5, time.p95)] : [];
    });
    const axis: ParetoAxis = { label: `Time of ${batch === 1 ? 'one image' : `${batch} images`}`, format: formatMs };
    if (points.length === 0) return [];
    return [
      toSection(
        `Accuracy against latency, batch ${batch}`,
        legend,
        toFigure((width) => drawPareto(points, axis, width)),
      ),
    ];
  });
  return pairUp(cards);
}

/** Equal parameters and equal MACs are two questions: a chart each. */
function toCountCharts({ results }: NetworkComparison): string {
  const draw = (title: string, label: string, count: (network: ComparedNetwork) => number): string => {
    const points = results.map((network) => toPoint(network, count(network), count(network), count(network)));
    return toSection(
      title,
      legend,
      toFigure((width) => drawPareto(points, { label, format: formatCount }, width)),
    );
  };
  const params = draw('Accuracy against parameters', 'Parameters left', (network) => network.params);
  const macs = draw('Accuracy against MACs', 'MACs left', (network) => network.macs);
  return `<div class="pair">${params}${macs}</div>`;
}

const legend = 'Left and up is better. The scale below is logarithmic.';

function toPoint({ kind, source, equal, accuracy }: ComparedNetwork, x: number, xLow: number, xHigh: number): ParetoPoint {
  const label = equal === null ? (source ?? kind) : `${source}, equal ${equal === 'params' ? 'params' : 'MACs'}`;
  return { kind, label, x, xLow, xHigh, y: accuracy.mean, yLow: accuracy.least, yHigh: accuracy.most };
}

/** Two cards in a row; a last one alone has the whole width. */
function pairUp(cards: readonly string[]): readonly string[] {
  const [one, other, ...rest] = cards;
  if (one === undefined) return [];
  if (other === undefined) return [one];
  return [`<div class="pair">${one}${other}</div>`, ...pairUp(rest)];
}
