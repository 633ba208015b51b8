import * as Plot from '@observablehq/plot';
import type { ComparisonReport, GroupWidth } from '../report.js';
import { palette } from './palette.js';
import { renderChart } from './render-chart.js';

/** Channels a width group before and after the crop, one bar in the other. @returns SVG. */
export function drawGroupWidths(report: ComparisonReport, width: number): string {
  return drawWidths(report.results[1].widths, width);
}

/** The same of any crop's groups. */
export function drawWidths(groups: readonly GroupWidth[], width: number): string {
  const small = width < 440;
  const longest = Math.max(...groups.map(({ group }) => group.length));
  const row = groups.length > 24 ? 16 : 22;
  const y = (each: GroupWidth): string => each.group;
  const title = (each: GroupWidth): string => `${each.group}: ${each.originalWidth} channels before, ${each.width} after`;
  return renderChart(
    {
      width,
      height: groups.length * row + 40,
      marginLeft: Math.min(small ? 124 : 170, Math.round(longest * 6.6) + 12),
      marginRight: 74,
      marginTop: 22,
      marginBottom: 18,
      x: { domain: [0, Math.max(...groups.map((each) => Math.max(each.width, each.originalWidth)))], axis: null },
      y: { domain: groups.map(y), padding: 0.32 },
      marks: [
        Plot.axisY({ label: null, tickSize: 0, fill: 'currentColor' }),
        Plot.barX(groups, { x: 'originalWidth', y, fill: palette.track, title, rx: 2 }),
        Plot.barX(groups, { x: 'width', y, fill: palette.crop, title, insetTop: 2.5, insetBottom: 2.5, rx: 1.5 }),
        Plot.ruleX([0], { stroke: palette.muted }),
        Plot.text(groups, {
          y,
          frameAnchor: 'right',
          textAnchor: 'end',
          dx: 70,
          text: (each: GroupWidth) => (each.width === each.originalWidth ? `${each.width} kept` : `${each.originalWidth} → ${each.width}`),
          fill: 'currentColor',
          fontVariant: 'tabular-nums',
        }),
        Plot.text(['channels'], { frameAnchor: 'top-right', textAnchor: 'end', dx: 70, dy: -18, fill: palette.muted }),
      ],
    },
    { title: 'Channels of every width group before and after the crop', description: groups.map(title).join('; ') },
  );
}
