import * as Plot from '@observablehq/plot';
import { formatPercent } from '@precrop/sdk/core/units';
import { findParetoFront } from '../compare/pareto-front.js';
import { palette } from './palette.js';
import { placeLabels } from './place-labels.js';
import { renderChart } from './render-chart.js';

export interface ParetoPoint {
  readonly kind: 'original' | 'crop' | 'sparse';
  readonly label: string;
  /** Cost: the less the better. With its 5th and 95th percentile, where it was measured. */
  readonly x: number;
  readonly xLow: number;
  readonly xHigh: number;
  /** Accuracy, a fraction: the mean over seeds, with the least and the most. */
  readonly y: number;
  readonly yLow: number;
  readonly yHigh: number;
}

export interface ParetoAxis {
  /** "Latency at batch 1, ms". */
  readonly label: string;
  readonly format: (value: number) => string;
}

/** Told apart by shape as well as by colour; the page's key draws the same. */
const marks: Readonly<Record<ParetoPoint['kind'], { readonly symbol: Plot.SymbolType; readonly colour: string; readonly r: number }>> = {
  original: { symbol: 'circle', colour: palette.original, r: 5 },
  crop: { symbol: 'square', colour: palette.crop, r: 5 },
  sparse: { symbol: 'triangle', colour: palette.sparse, r: 5.5 },
};

const margin = { left: 40, right: 18, top: 26, bottom: 40 };

/** Accuracy against a cost, logarithmic, with the line through those that no other beats. @returns SVG; empty without points. */
export function drawPareto(points: readonly ParetoPoint[], axis: ParetoAxis, width: number): string {
  if (points.length === 0) return '';
  const height = Math.round(Math.min(360, Math.max(250, width * 0.62)));
  const [x, y] = [toCostDomain(points), toAccuracyDomain(points)];
  const front = findParetoFront(points);
  const left = ({ x: cost }: ParetoPoint): number =>
    margin.left + (Math.log(cost / x[0]) / Math.log(x[1] / x[0])) * (width - margin.left - margin.right);
  const top = ({ y: accuracy }: ParetoPoint): number =>
    margin.top + ((y[1] - accuracy * 100) / (y[1] - y[0])) * (height - margin.top - margin.bottom);
  const places = placeLabels(
    points.map((point) => ({ x: left(point), y: top(point), text: point.label })),
    { left: margin.left, right: width, top: 0, bottom: height - margin.bottom },
  );
  return renderChart(
    {
      width,
      height,
      marginLeft: margin.left,
      marginRight: margin.right,
      marginTop: margin.top,
      marginBottom: margin.bottom,
      x: { type: 'log', domain: x },
      y: { domain: y },
      marks: [
        Plot.gridY({ stroke: palette.grid, strokeOpacity: 1, ticks: 5 }),
        Plot.axisY({
          label: 'Test accuracy, %',
          labelArrow: 'none',
          labelAnchor: 'top',
          labelOffset: 38,
          tickSize: 0,
          ticks: 5,
          color: palette.muted,
        }),
        Plot.axisX(toTicks(x), {
          label: axis.label,
          labelArrow: 'none',
          tickFormat: (value: number) => shorten(axis.format(value)),
          tickSize: 4,
          color: palette.muted,
        }),
        Plot.line(front, {
          x: 'x',
          y: percent('y'),
          curve: 'step-after',
          stroke: palette.muted,
          strokeDasharray: '3,3',
          strokeWidth: 1.25,
        }),
        Plot.ruleY(
          points.filter((each) => each.xHigh > each.xLow),
          {
            x1: (each: ParetoPoint) => Math.max(each.xLow, x[0]),
            x2: (each: ParetoPoint) => Math.min(each.xHigh, x[1]),
            y: percent('y'),
            stroke: colourOf,
            strokeWidth: 1.25,
          },
        ),
        Plot.ruleX(
          points.filter((each) => each.yHigh > each.yLow),
          { x: 'x', y1: percent('yLow'), y2: percent('yHigh'), stroke: colourOf, strokeWidth: 1.25 },
        ),
        ...(['original', 'crop', 'sparse'] as const).map((kind) => {
          const { symbol, r, colour } = marks[kind];
          const ofKind = points.filter((point) => point.kind === kind);
          return Plot.dot(ofKind, {
            x: 'x',
            y: percent('y'),
            symbol,
            r,
            fill: colour,
            stroke: palette.surface,
            strokeWidth: 1,
            title: toTitle(axis),
          });
        }),
        ...points.map((point, index) => {
          const { dx = 0, dy = 0, anchor = 'start' } = places[index] ?? {};
          return Plot.text([point], {
            x: 'x',
            y: percent('y'),
            text: 'label',
            dx,
            dy,
            textAnchor: anchor,
            fontWeight: front.includes(point) ? 600 : 400,
            fill: 'currentColor',
            stroke: palette.surface,
            strokeWidth: 3,
          });
        }),
      ],
      color: { type: 'identity' },
    },
    { title: `Test accuracy against ${axis.label.toLowerCase()}`, description: points.map(toTitle(axis)).join('; ') },
  );
}

function percent(key: 'y' | 'yLow' | 'yHigh'): (point: ParetoPoint) => number {
  return (point) => point[key] * 100;
}

function colourOf({ kind }: ParetoPoint): string {
  return marks[kind].colour;
}

function toTitle({ format }: ParetoAxis): (point: ParetoPoint) => string {
  return ({ kind, label, x, y }) => `${kind === 'original' ? label : `${label} ${kind}`}: ${formatPercent(y)} at ${format(x)}`;
}

/** Room for half a label at both ends. A whisker that is far longer than the points are apart is cut off. */
function toCostDomain(points: readonly ParetoPoint[]): [number, number] {
  const [least, most] = [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x))];
  const [low, high] = [Math.min(...points.map(({ xLow }) => xLow)), Math.max(...points.map(({ xHigh }) => xHigh))];
  const room = Math.max(1.12, (most / least) ** 0.12);
  return [Math.max(low, least / 1.5) / room, Math.min(high, most * 1.5) * room];
}

/** Percent, from below the lowest to above the highest. */
function toAccuracyDomain(points: readonly ParetoPoint[]): [number, number] {
  const [low, high] = [Math.min(...points.map(({ yLow }) => yLow)) * 100, Math.max(...points.map(({ yHigh }) => yHigh)) * 100];
  const room = Math.max(1, (high - low) * 0.14);
  return [Math.max(0, Math.floor(low - room)), Math.min(100, Math.ceil(high + room))];
}

/** 1, 2, 5, 10, …; finer where only a part of a decade is shown. */
function toTicks([low, high]: readonly [number, number]): readonly number[] {
  const steps =
    high / low > 6
      ? [1, 2, 5]
      : high / low > 2.5
        ? [1, 1.5, 2, 3, 4, 5, 7]
        : [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9];
  const decades = Array.from({ length: 24 }, (_, index) => 10 ** (index - 9));
  return decades.flatMap((decade) => steps.map((step) => +(step * decade).toPrecision(3))).filter((tick) => tick >= low && tick <= high);
}

/** "0.200 ms" → "0.2 ms", "20.0 k" → "20 k". */
function shorten(text: string): string {
  return text.replace(/\.(\d*?)0+(?=\s|$)/, (_, digits: string) => (digits === '' ? '' : `.${digits}`));
}
