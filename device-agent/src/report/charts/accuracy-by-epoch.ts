import * as Plot from '@observablehq/plot';
import type { EpochRecord } from '@precrop/sdk/core/events';
import { formatPercent } from '@precrop/sdk/core/units';
import { palette } from './palette.js';
import { renderChart } from './render-chart.js';

/** Accuracy of one training on its training images (thin) and on the test images (thick), an epoch a point. @returns SVG. */
export function drawAccuracyByEpoch(name: string, records: readonly EpochRecord[], width: number): string {
  const points = records.map(({ epoch, trainAccuracy, testAccuracy }) => ({
    epoch: epoch + 1,
    train: 100 * trainAccuracy,
    test: 100 * testAccuracy,
  }));
  const last = points.slice(-1);
  const label = { x: 'epoch', textAnchor: 'start', dx: 8, fontWeight: 600 } as const;
  // The thin line's name goes to the other side where the two ends meet.
  const apart = (last[0]?.train ?? 0) >= (last[0]?.test ?? 0) ? 7 : -7;
  return renderChart(
    {
      width,
      height: Math.round(width * 0.42),
      marginLeft: 34,
      marginRight: 96,
      marginTop: 30,
      marginBottom: 36,
      x: { domain: [1, Math.max(2, points.length)] },
      y: { domain: [0, 100] },
      marks: [
        Plot.gridY({ stroke: palette.grid, strokeOpacity: 1, ticks: 5 }),
        Plot.axisY({
          label: 'Accuracy, %',
          labelArrow: 'none',
          labelAnchor: 'top',
          labelOffset: 34,
          tickSize: 0,
          ticks: 5,
          color: palette.muted,
        }),
        Plot.axisX({ label: 'Epoch', labelArrow: 'none', ticks: Math.min(points.length, 10), tickSize: 4, color: palette.muted }),
        Plot.line(points, { x: 'epoch', y: 'train', stroke: palette.original, strokeWidth: 1.5 }),
        Plot.line(points, { x: 'epoch', y: 'test', stroke: palette.crop, strokeWidth: 2.25 }),
        Plot.dot(points, { x: 'epoch', y: 'test', fill: palette.crop, r: 2.5 }),
        Plot.text(last, { ...label, y: 'train', dy: -apart, text: () => 'training', fill: palette.original }),
        Plot.text(last, { ...label, y: 'test', dy: apart, text: ({ test }) => `test ${formatPercent(test / 100)}`, fill: palette.crop }),
      ],
    },
    {
      title: `${name}: accuracy by epoch`,
      description: `On the test images ${points.map(({ epoch, test }) => `${test.toFixed(1)} % after epoch ${epoch}`).join(', ')}`,
    },
  );
}
