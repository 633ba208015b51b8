import * as Plot from '@observablehq/plot';
import { type Comparison, toComparisons } from '../comparisons.js';
import { formatShare } from '../format.js';
import type { ComparisonReport } from '../report.js';
import { palette } from './palette.js';
import { renderChart } from './render-chart.js';

interface Bar {
  readonly row: string;
  readonly comparison: Comparison;
  /** crop ÷ original's median; low and high are the crop's 5th and 95th percentile. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** The original's own spread around 1. */
  readonly originalLow: number;
  readonly originalHigh: number;
  readonly label: string;
}

/** Every cost of the crop as a share of the original's, with the spread of both. @returns SVG. */
export function drawCostRatios(report: ComparisonReport, width: number): string {
  const bars = toBars(toComparisons(...report.results));
  const drawn = bars.filter(({ comparison }) => comparison.verdict !== 'invalid');
  const ticks = width < 440 ? 3 : 5;
  const measured = drawn.filter((bar) => bar.high > bar.low || bar.originalHigh > bar.originalLow);
  const longest = Math.max(...bars.map(({ row }) => row.length));
  const end = Math.max(1, ...drawn.flatMap((bar) => [bar.ratio, bar.high, bar.originalHigh])) * 1.04;
  return renderChart(
    {
      width,
      height: bars.length * 40 + 54,
      marginLeft: Math.min(width * 0.42, Math.round(longest * 6.4) + 14),
      marginRight: 12,
      marginTop: 24,
      marginBottom: 30,
      x: { domain: [0, end] },
      y: { domain: bars.map(({ row }) => row), padding: 0.45 },
      marks: [
        Plot.gridX({ stroke: palette.grid, strokeOpacity: 1, ticks }),
        Plot.axisX({
          label: null,
          tickFormat: (value: number) => `${Math.round(value * 100)} %`,
          ticks,
          tickSize: 0,
          color: palette.muted,
        }),
        Plot.axisY({ label: null, tickSize: 0, fill: 'currentColor' }),
        Plot.barX(bars, { x: 1, y: 'row', fill: palette.track, rx: 2 }),
        Plot.barX(drawn, {
          x: 'ratio',
          y: 'row',
          fill: (bar: Bar) => (bar.ratio > 1 ? palette.worse : palette.crop),
          title: toTitle,
          insetTop: 3,
          insetBottom: 3,
          rx: 1.5,
        }),
        Plot.ruleX([0], { stroke: palette.muted }),
        ...toWhiskers(measured, 'originalLow', 'originalHigh', palette.original),
        ...toWhiskers(measured, 'low', 'high', 'currentColor'),
        ...toLabels(bars),
        Plot.text(['original'], { x: 1, frameAnchor: 'top', dy: -17, fill: palette.original, fontWeight: 600 }),
      ],
      color: { type: 'identity' },
    },
    { title: "Costs of the crop as a share of the original's", description: bars.map(toTitle).join('; ') },
  );
}

function toBars(comparisons: readonly Comparison[]): readonly Bar[] {
  return comparisons.map((comparison) => {
    const base = comparison.original.value;
    const twin = comparisons.some((other) => other.id !== comparison.id && other.label === comparison.label);
    const runtime = twin ? `${comparison.runtime}, batch ${comparison.batch}` : undefined;
    const doubt = { valid: '', noisy: ' (noisy)', invalid: 'no valid timing' }[comparison.verdict];
    return {
      row: runtime ?? comparison.label,
      comparison,
      ratio: comparison.ratio,
      low: comparison.crop.low / base,
      high: comparison.crop.high / base,
      originalLow: comparison.original.low / base,
      originalHigh: comparison.original.high / base,
      label: comparison.verdict === 'invalid' ? doubt : `${formatShare(comparison.ratio)}${doubt}`,
    };
  });
}

/** A thin line from the 5th to the 95th percentile, with a tick at both ends. */
function toWhiskers(bars: readonly Bar[], low: 'low' | 'originalLow', high: 'high' | 'originalHigh', stroke: string): Plot.Markish[] {
  const ends = bars.flatMap((bar) => [
    { row: bar.row, at: bar[low] },
    { row: bar.row, at: bar[high] },
  ]);
  return [
    Plot.ruleY(bars, { x1: low, x2: high, y: 'row', stroke, strokeWidth: 1.25 }),
    Plot.tickX(ends, { x: 'at', y: 'row', stroke, strokeWidth: 1.25, insetTop: 5, insetBottom: 5 }),
  ];
}

/** The number behind its bar, or inside it where the bar is long. */
function toLabels(bars: readonly Bar[]): Plot.Markish[] {
  const position = (bar: Bar): number => (bar.comparison.verdict === 'invalid' ? 0 : Math.max(bar.ratio, bar.high));
  const isLong = (bar: Bar): boolean => bar.comparison.verdict !== 'invalid' && bar.ratio > 0.72;
  const base = { y: 'row', text: 'label', fontWeight: 600, fontVariant: 'tabular-nums' } as const;
  return [
    Plot.text(
      bars.filter((bar) => !isLong(bar)),
      { ...base, x: position, textAnchor: 'start', dx: 6, fill: 'currentColor', stroke: palette.track, strokeWidth: 3 },
    ),
    Plot.text(bars.filter(isLong), { ...base, x: 0, textAnchor: 'start', dx: 7, fill: palette.surface }),
  ];
}

function toTitle({ comparison }: Bar): string {
  const { label, setting, format, original, crop, ratio, verdict } = comparison;
  const result = verdict === 'invalid' ? 'no valid timing' : `${formatShare(ratio)} of the original${verdict === 'noisy' ? ', noisy' : ''}`;
  return `${label} (${setting}): ${format(original.value)} against ${format(crop.value)}, ${result}`;
}
