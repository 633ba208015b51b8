import * as Plot from '@observablehq/plot';
import { formatPercent } from '@precrop/sdk/core/units';
import type { CellGroup } from '../../experiment/cell-groups.js';
import { toGranularityRows } from '../experiment/granularity-table.js';
import { drawFacetFrame } from './facet-frame.js';
import { palette } from './palette.js';
import { renderChart } from './render-chart.js';

/** Test accuracy of every training, a dot a seed, a line at each mean; the original's mean goes through all. @returns SVG. */
export function drawGranularityAccuracy(groups: readonly CellGroup[], width: number): string {
  const rows = toGranularityRows(groups);
  const all = groups.map((group, index) => ({ ...group, row: rows[index]?.realisation ?? '', facet: rows[index]?.where ?? '' }));
  const original = all.find(({ realisation }) => realisation === 'original');
  const shown = all.filter(({ realisation }) => realisation !== 'original');
  const facets = [...new Set(shown.map(({ facet }) => facet))];
  const names = [...new Set(shown.map(({ row }) => row))];
  const dots = shown.flatMap(({ trainings, ...group }) => trainings.map((each) => ({ ...group, ...each })));
  const colourOf = ({ realisation }: { readonly realisation: string }): string =>
    realisation === 'crop' ? palette.crop : palette.original;
  const base = { fy: 'facet', y: 'row' } as const;
  const ticks = width < 440 ? 4 : 8;
  return renderChart(
    {
      width,
      height: 52 + facets.length * (names.length * 20 + 38),
      marginLeft: Math.min(width * 0.4, 14 + 6.4 * Math.max(0, ...names.map((name) => name.length))),
      marginRight: 16,
      marginTop: 22,
      marginBottom: 46,
      fy: { domain: facets, axis: null, padding: 0.3 },
      y: { domain: names, padding: 0.3 },
      x: { nice: true, domain: toDomain([...dots, ...(original?.trainings ?? [])].map(({ accuracy }) => 100 * accuracy)) },
      marks: [
        ...drawFacetFrame(facets, { label: 'Test accuracy, %', ticks }),
        ...(original
          ? [
              Plot.ruleX([100 * original.accuracy.mean], { stroke: palette.muted, strokeDasharray: '4,3' }),
              Plot.text(facets.slice(0, 1), {
                fy: (facet: string) => facet,
                x: () => 100 * original.accuracy.mean,
                text: () => 'original',
                frameAnchor: 'top',
                dy: -13,
                textAnchor: 'end',
                dx: 4,
                fill: palette.muted,
              }),
            ]
          : []),
        Plot.tickX(shown, {
          ...base,
          x: ({ accuracy }) => 100 * accuracy.mean,
          stroke: colourOf,
          strokeWidth: 2.5,
          insetTop: 1,
          insetBottom: 1,
        }),
        Plot.dot(dots, {
          ...base,
          x: ({ accuracy }) => 100 * accuracy,
          stroke: colourOf,
          fill: palette.surface,
          fillOpacity: 0.6,
          r: 3.5,
          title: ({ facet, row, seed, accuracy }) => `${facet}, ${row}, seed ${seed}: ${formatPercent(accuracy, 2)}`,
        }),
      ],
      color: { type: 'identity' },
    },
    {
      title: 'Test accuracy of every training',
      description: all
        .map(({ facet, row, trainings }) =>
          `${facet} ${row}: ${trainings.map(({ accuracy }) => formatPercent(accuracy, 2)).join(', ')}`.trim(),
        )
        .join('; '),
    },
  );
}

/** From below the lowest to above the highest: a dot plot needs no zero. */
function toDomain(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(0.5, (high - low) * 0.06);
  return [Math.max(0, low - room), Math.min(100, high + room)];
}
