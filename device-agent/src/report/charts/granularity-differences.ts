import * as Plot from '@observablehq/plot';
import type { CellGroup } from '../../experiment/cell-groups.js';
import type { PooledDifference } from '../../experiment/granularity-analysis.js';
import type { MeanInterval } from '../../measure/mean-interval.js';
import { formatInterval, formatSigned } from '../experiment/format-difference.js';
import { toGranularityRows } from '../experiment/granularity-table.js';
import { realisationWords } from '../experiment/realisation-words.js';
import { drawFacetFrame } from './facet-frame.js';
import { palette } from './palette.js';
import { renderChart } from './render-chart.js';

interface Line {
  readonly facet: string;
  readonly row: string;
  readonly realisation: string;
  readonly interval: MeanInterval;
  /** Of the same mean, the interval by seeds alone. */
  readonly wide?: MeanInterval | null;
  /** In points, a seed each; none where seeds are pooled. */
  readonly dots: readonly number[];
}

/** Differences to zeros in single weights: a dot a seed, the mean, and its 95 % interval where it has one, against zero. @returns SVG. */
export function drawGranularityDifferences(groups: readonly CellGroup[], pooled: readonly PooledDifference[], width: number): string {
  const lines = [...toPooledLines(pooled), ...toGroupLines(groups)];
  const facets = [...new Set(lines.map(({ facet }) => facet))];
  const names = [...new Set(lines.map(({ row }) => row))];
  const rowCount = Math.max(1, names.length);
  const seeds = lines.flatMap((line) => line.dots.map((dot) => ({ ...line, dot })));
  const ends = lines.flatMap(({ interval, wide, dots }) => [
    ...dots,
    ...[interval, wide].flatMap((each) => (each ? [each.mean, each.low ?? each.mean, each.high ?? each.mean].map((end) => 100 * end) : [])),
  ]);
  const reach = 1.06 * Math.max(0.5, ...ends.map(Math.abs));
  const base = { fy: 'facet', y: 'row' } as const;
  const ticks = width < 440 ? 5 : 9;
  return renderChart(
    {
      width,
      height: 52 + facets.length * (rowCount * 20 + 38),
      marginLeft: Math.min(width * 0.4, 14 + 6.4 * Math.max(0, ...names.map((name) => name.length))),
      marginRight: 16,
      marginTop: 22,
      marginBottom: 46,
      fy: { domain: facets, axis: null, padding: 0.3 },
      y: { domain: names, padding: 0.3 },
      x: { domain: [-reach, reach] },
      marks: [
        ...drawFacetFrame(facets, {
          label: 'Difference to zeros in single weights, points',
          ticks,
          tickFormat: (value) => `${value > 0 ? '+' : ''}${value}`.replace('-', '−'),
        }),
        Plot.ruleX([0], { stroke: palette.muted, strokeWidth: 1.25 }),
        ...toRules(
          lines.flatMap((line) => (line.wide ? [{ ...line, interval: line.wide }] : [])),
          1,
        ),
        ...toRules(lines, 2),
        Plot.dot(seeds, { ...base, x: 'dot', stroke: colourOf, strokeOpacity: 0.75, r: 2.75, fill: palette.surface }),
        Plot.tickX(lines, {
          ...base,
          x: ({ interval }: Line) => 100 * interval.mean,
          stroke: colourOf,
          strokeWidth: 3,
          insetTop: 1,
          insetBottom: 1,
          title: toTitle,
        }),
      ],
      color: { type: 'identity' },
    },
    { title: 'Differences of accuracy to zeros in single weights', description: lines.map(toTitle).join('; ') },
  );
}

function toRules(lines: readonly Line[], strokeWidth: number): Plot.Markish[] {
  const certain = lines.flatMap(({ interval: { low, high }, ...line }) =>
    low === null || high === null ? [] : [{ ...line, x1: 100 * low, x2: 100 * high }],
  );
  return [Plot.ruleY(certain, { fy: 'facet', y: 'row', x1: 'x1', x2: 'x2', stroke: colourOf, strokeWidth })];
}

function colourOf({ realisation }: Pick<Line, 'realisation'>): string {
  return realisation === 'crop' ? palette.crop : palette.original;
}

function toPooledLines(pooled: readonly PooledDifference[]): readonly Line[] {
  return pooled
    .filter(({ isControl }) => !isControl)
    .map(({ realisation, byPair, bySeed }) => ({
      facet: 'all together',
      row: realisationWords[realisation],
      realisation,
      interval: byPair,
      wide: bySeed,
      dots: [],
    }));
}

function toGroupLines(groups: readonly CellGroup[]): readonly Line[] {
  const rows = toGranularityRows(groups);
  return groups.flatMap(({ realisation, difference }, index) =>
    difference
      ? [
          {
            facet: rows[index]?.where ?? '',
            row: realisationWords[realisation],
            realisation,
            interval: difference,
            dots: difference.bySeed.map((each) => 100 * each.difference),
          },
        ]
      : [],
  );
}

function toTitle({ facet, row, interval }: Line): string {
  return `${facet}, ${row}: ${formatSigned(interval.mean, 2)} points, 95 % interval ${formatInterval(interval, 2)}`;
}
