import * as Plot from '@observablehq/plot';
import { palette } from './palette.js';

export interface FacetAxis {
  readonly label: string;
  /** About how many. */
  readonly ticks: number;
  readonly tickFormat?: (value: number) => string;
}

/** What stands behind dots in rows, one block of rows a facet: the grid, one axis below all, the rows' names, and each facet's own above it. */
export function drawFacetFrame(facets: readonly string[], axis: FacetAxis): readonly Plot.Markish[] {
  const name = (facet: string): string => facet;
  return [
    Plot.gridX({ stroke: palette.grid, strokeOpacity: 1, ticks: axis.ticks }),
    Plot.axisX({ ...axis, labelArrow: 'none', labelAnchor: 'right', labelOffset: 40, tickSize: 0, color: palette.muted }),
    Plot.axisY({ label: null, tickSize: 0, fill: 'currentColor' }),
    Plot.text(facets, { fy: name, text: name, frameAnchor: 'top-left', dy: -13, fontWeight: 600 }),
  ];
}
