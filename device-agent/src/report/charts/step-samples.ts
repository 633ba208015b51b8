import * as Plot from '@observablehq/plot';
import { formatMs } from '@precrop/sdk/core/units';
import type { ComparisonReport, Contender } from '../report.js';
import { palette } from './palette.js';
import { renderChart } from './render-chart.js';

/** Every timed training step as a tick, with its median and, where known, the time that its MACs need. @returns SVG. */
export function drawStepSamples(report: ComparisonReport, width: number): string {
  const contenders = report.results;
  const ticks = contenders.flatMap(({ name, trainStep }) => trainStep.samples.map((ms) => ({ name, ms })));
  const bounds = contenders.flatMap(({ name, trainStepBoundMs: ms }) => (ms === undefined ? [] : [{ name, ms }]));
  const y = 'name';
  return renderChart(
    {
      width,
      height: 190,
      marginLeft: 58,
      marginRight: 16,
      marginTop: 26,
      marginBottom: 36,
      x: { domain: [0, Math.max(...ticks.map(({ ms }) => ms)) * 1.03], ticks: 5 },
      y: { domain: contenders.map(({ name }) => name), padding: 0.55 },
      marks: [
        Plot.gridX({ stroke: palette.grid, strokeOpacity: 1, ticks: 5 }),
        Plot.axisX({ label: 'One training step, ms', labelArrow: 'none', ticks: 5, tickSize: 0, color: palette.muted }),
        Plot.axisY({ label: null, tickSize: 0, fill: 'currentColor' }),
        Plot.ruleX([0], { stroke: palette.muted }),
        ...contenders.flatMap(({ name }) => [
          Plot.tickX(
            ticks.filter((tick) => tick.name === name),
            { x: 'ms', y, stroke: palette[name], strokeWidth: 1.5, strokeOpacity: 0.45 },
          ),
        ]),
        Plot.tickX(contenders, { x: toMedian, y, stroke: 'currentColor', strokeWidth: 2.5, insetTop: -5, insetBottom: -5 }),
        Plot.text(contenders, {
          x: toMedian,
          y,
          text: ({ trainStep }: Contender) => formatMs(trainStep.median),
          dy: -30,
          fontWeight: 600,
          fill: 'currentColor',
          stroke: palette.surface,
          strokeWidth: 4,
        }),
        Plot.dot(bounds, { x: 'ms', y, symbol: 'diamond', r: 4.5, fill: palette.surface, stroke: 'currentColor', strokeWidth: 1.5 }),
      ],
    },
    { title: 'Time of every training step measured', description: contenders.map(describe).join('; ') },
  );
}

function toMedian({ trainStep }: Contender): number {
  return trainStep.median;
}

function describe({ name, trainStep, trainStepBoundMs }: Contender): string {
  const bound = trainStepBoundMs === undefined ? '' : `, at least ${formatMs(trainStepBoundMs)} by its MACs`;
  return `${name}: median ${formatMs(trainStep.median)} of ${trainStep.samples.length} samples, ${formatMs(trainStep.p5)} to ${formatMs(trainStep.p95)}${bound}`;
}
