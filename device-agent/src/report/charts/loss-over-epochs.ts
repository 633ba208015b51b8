import * as Plot from '@observablehq/plot';
import type { EpochRecord } from '@precrop/sdk/core/events';
import type { ComparisonReport } from '../report.js';
import { palette } from './palette.js';
import { renderChart } from './render-chart.js';

/** Training loss (solid) and test loss (dashed) an epoch: shows a network that has not finished or learns by heart. @returns SVG. */
export function drawLossOverEpochs(report: ComparisonReport, width: number): string {
  const longest = Math.max(...report.results.map(({ epochs }) => epochs.length));
  return renderChart(
    {
      width,
      height: 190,
      marginLeft: 34,
      marginRight: 66,
      marginTop: 26,
      marginBottom: 36,
      x: { domain: [1, Math.max(2, longest)] },
      y: { zero: true, nice: true, ticks: 4 },
      marks: [
        Plot.gridY({ stroke: palette.grid, strokeOpacity: 1, ticks: 4 }),
        Plot.axisY({
          label: 'Cross-entropy, nats',
          labelArrow: 'none',
          labelAnchor: 'top',
          labelOffset: 34,
          tickSize: 0,
          ticks: 4,
          color: palette.muted,
        }),
        Plot.axisX({
          label: 'Epoch',
          labelArrow: 'none',
          ticks: Math.min(longest, 6),
          tickFormat: (value: number) => (Number.isInteger(value) ? String(value) : ''),
          tickSize: 4,
          color: palette.muted,
        }),
        ...report.results.flatMap(({ name, epochs }) => toLines(palette[name], epochs)),
        ...toEndLabels(report),
      ],
    },
    { title: 'Training and test loss by epoch', description: report.results.map(({ name, epochs }) => describe(name, epochs)).join('; ') },
  );
}

function toLines(colour: string, epochs: readonly EpochRecord[]): Plot.Markish[] {
  const x = (_: EpochRecord, index: number): number => index + 1;
  return [
    Plot.line(epochs, { x, y: 'testLoss', stroke: colour, strokeWidth: 1.5, strokeDasharray: '4,3' }),
    Plot.line(epochs, { x, y: 'trainLoss', stroke: colour, strokeWidth: 2.25 }),
  ];
}

/** The names at the ends of the solid lines, pushed apart when they would touch. */
function toEndLabels({ results }: ComparisonReport): Plot.Markish[] {
  const ends = results.flatMap(({ name, epochs }) => {
    const last = epochs.at(-1);
    return last ? [{ name, epoch: epochs.length, loss: last.trainLoss }] : [];
  });
  const top = Math.max(...results.flatMap(({ epochs }) => epochs.flatMap((each) => [each.trainLoss, each.testLoss])));
  const crowded = Math.max(...ends.map((end) => end.loss)) - Math.min(...ends.map((end) => end.loss)) < top * 0.1;
  const upper = [...ends].sort((a, b) => b.loss - a.loss)[0];
  return ends.map((end) =>
    Plot.text([end], {
      x: 'epoch',
      y: 'loss',
      text: 'name',
      textAnchor: 'start',
      dx: 8,
      dy: crowded ? (end === upper ? -7 : 7) : 0,
      fontWeight: 600,
      fill: palette[end.name],
    }),
  );
}

function describe(name: string, epochs: readonly EpochRecord[]): string {
  const last = epochs.at(-1);
  return `${name}: training loss ${epochs[0]?.trainLoss.toFixed(2)} to ${last?.trainLoss.toFixed(2)}, test loss ${epochs[0]?.testLoss.toFixed(2)} to ${last?.testLoss.toFixed(2)}`;
}
