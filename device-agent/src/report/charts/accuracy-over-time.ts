import * as Plot from '@observablehq/plot';
import { formatMs, formatPercent } from '@precrop/sdk/core/units';
import { type CurvePoint, secondsOf, toCurve } from '../curves.js';
import { formatPoints } from '../format.js';
import type { ComparisonReport } from '../report.js';
import { palette } from './palette.js';
import { renderChart } from './render-chart.js';

interface Line {
  readonly name: 'original' | 'crop';
  readonly colour: string;
  readonly curve: readonly CurvePoint[];
  readonly end: CurvePoint;
}

/** Test accuracy against seconds of training, a dot an epoch, with the gap at equal training time. @returns SVG. */
export function drawAccuracyOverTime(report: ComparisonReport, width: number): string {
  const lines = report.results.flatMap(({ name, epochs }): Line[] => {
    const curve = toCurve(epochs);
    const end = curve.at(-1);
    return end ? [{ name, colour: palette[name], curve, end }] : [];
  });
  const longest = Math.max(...lines.map((line) => secondsOf(line.curve)));
  const minutes = longest > 300;
  const scale = minutes ? 1 / 60 : 1;
  const small = width < 440;
  return renderChart(
    {
      width,
      height: Math.round(small ? 250 : Math.min(380, width * 0.56)),
      marginLeft: 34,
      marginRight: small ? 102 : 112,
      marginTop: 26,
      marginBottom: 36,
      x: { domain: [0, longest * scale], ticks: small ? 4 : 8 },
      y: { domain: toDomain(lines), ticks: 5, nice: true },
      marks: [
        Plot.gridY({ stroke: palette.grid, strokeOpacity: 1, ticks: 5 }),
        Plot.axisY({
          label: 'Test accuracy, %',
          labelArrow: 'none',
          labelAnchor: 'top',
          labelOffset: 34,
          tickSize: 0,
          ticks: 5,
          color: palette.muted,
        }),
        Plot.axisX({
          label: `Training time, ${minutes ? 'minutes' : 'seconds'}`,
          labelArrow: 'none',
          tickSize: 4,
          ticks: small ? 4 : 8,
          color: palette.muted,
        }),
        ...toGap(report, longest, scale, small),
        ...lines.flatMap((line) => toMarks(line, scale, small)),
        ...toEndLabels(lines, scale),
      ],
    },
    { title: 'Test accuracy against training time', description: lines.map(describe).join('; ') },
  );
}

function toMarks({ name, curve, colour }: Line, scale: number, small: boolean): Plot.Markish[] {
  const x = (point: CurvePoint): number => point.seconds * scale;
  const y = (point: CurvePoint): number => point.accuracy * 100;
  const title = (point: CurvePoint): string =>
    `${name}, epoch ${point.epoch.epoch}: ${formatPercent(point.accuracy)} after ${formatMs(point.seconds * 1000)}`;
  return [
    Plot.line(curve, { x, y, stroke: colour, strokeWidth: 2.25 }),
    // Open dots and filled dots: the lines stay apart without colour.
    Plot.dot(curve, {
      x,
      y,
      r: small ? 2.5 : 3.5,
      stroke: colour,
      strokeWidth: 1.75,
      fill: name === 'crop' ? colour : palette.surface,
      title,
    }),
  ];
}

/** The vertical distance between the curves where the shorter training ends; the end labels say it where both end together. */
function toGap({ summary }: ComparisonReport, longest: number, scale: number, small: boolean): Plot.Markish[] {
  const {
    equalTimeSeconds,
    originalAccuracyAtEqualTime: before,
    cropAccuracyAtEqualTime: after,
    accuracyDifferenceAtEqualTime: gap,
  } = summary;
  if (before === null || after === null || gap === null) return [];
  if (Math.abs(gap) < 0.005 || equalTimeSeconds > 0.8 * longest) return [];
  const ends = [{ x: equalTimeSeconds * scale, low: Math.min(before, after) * 100, high: Math.max(before, after) * 100 }];
  const label = `${formatPoints(gap)} ${gap > 0 ? 'ahead' : 'behind'}${small ? '' : ' at equal time'}`;
  return [
    Plot.ruleX(ends, { x: 'x', y1: 'low', y2: 'high', stroke: 'currentColor', strokeWidth: 1.25, strokeDasharray: '3,3' }),
    Plot.text(ends, {
      x: 'x',
      y: 'low',
      text: () => label,
      // Curves rise: right of and below the lower one there is room.
      textAnchor: 'start',
      dx: -2,
      dy: 15,
      fill: 'currentColor',
      stroke: palette.surface,
      strokeWidth: 4,
    }),
  ];
}

/** Name and last value at each line's end; lines that end side by side have their labels pushed apart. */
function toEndLabels(lines: readonly Line[], scale: number): Plot.Markish[] {
  const last = Math.max(...lines.map((line) => line.end.seconds));
  const atRight = lines.filter((line) => line.end.seconds > 0.8 * last);
  const order = [...lines].sort((a, b) => b.end.accuracy - a.end.accuracy);
  return lines.map((line) => {
    const shared = atRight.length > 1;
    const isUpper = order[0] === line;
    const beside = atRight.includes(line);
    return Plot.text([line.end], {
      x: (point: CurvePoint) => (beside ? last : point.seconds) * scale,
      y: (point: CurvePoint) => point.accuracy * 100,
      text: (point: CurvePoint) => `${line.name} ${formatPercent(point.accuracy)}`,
      textAnchor: beside ? 'start' : 'middle',
      dx: beside ? 9 : 0,
      dy: beside ? (shared ? (isUpper ? -7 : 7) : 0) : aheadOf(line, lines) ? -14 : 16,
      fontWeight: 600,
      fill: line.colour,
      stroke: palette.surface,
      strokeWidth: 4,
    });
  });
}

function aheadOf(line: Line, lines: readonly Line[]): boolean {
  return lines.every((other) => {
    const then = other.curve.findLast((point) => point.seconds <= line.end.seconds);
    return then === undefined || then.accuracy <= line.end.accuracy;
  });
}

/** Percent, from below the lowest point to above the highest: a line chart needs no zero. */
function toDomain(lines: readonly Line[]): [number, number] {
  const values = lines.flatMap((line) => line.curve.map((point) => point.accuracy * 100));
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = Math.max(2, (high - low) * 0.12);
  return [Math.max(0, low - room), Math.min(100, high + room)];
}

function describe({ name, curve, end }: Line): string {
  return `${name}: ${formatPercent(curve[0]?.accuracy ?? 0)} after the first of ${curve.length} epochs, ${formatPercent(end.accuracy)} after ${formatMs(end.seconds * 1000)}`;
}
