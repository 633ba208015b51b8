import { formatCount, formatPercent } from '@precrop/sdk/core/units';
import { findPrunableLayers, sumLogDensity } from '@precrop/sdk/density/layer-densities';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { readWidths } from '@precrop/sdk/ir/widths';
import { formatInteger } from '../report/format.js';
import { toTextTable } from './text-table.js';

/** A row a width group. */
export interface GroupRow {
  readonly group: string;
  readonly width: number;
  readonly originalWidth: number;
}

export function toGroupRows(original: Architecture, cropped: Architecture): readonly GroupRow[] {
  const widths = readWidths(cropped);
  return [...readWidths(original)].map(([group, originalWidth]) => ({ group, width: widths.get(group) ?? originalWidth, originalWidth }));
}

export interface CropSummary {
  readonly architecture: string;
  readonly params: number;
  readonly macs: number;
  readonly paramsRatio: number;
  readonly macsRatio: number;
  /** Sum of the logarithms of all layer densities: 0 for the original. */
  readonly objective: number;
}

/** Exact counts of a crop, and as fractions of the original's. */
export function summariseCrop(original: Architecture, cropped: Architecture): CropSummary {
  const before = countArchitecture(original);
  const { params, macs } = countArchitecture(cropped);
  return {
    architecture: original.name,
    params,
    macs,
    paramsRatio: params / before.params,
    macsRatio: macs / before.macs,
    objective: sumLogDensity(new Map(comparePrunable(original, cropped).map(({ id, density }) => [id, density]))),
  };
}

interface LayerChange {
  readonly id: string;
  readonly before: { readonly prunable: number; readonly macs: number };
  readonly after: { readonly prunable: number; readonly macs: number };
  /** Weights that stay, as a fraction. */
  readonly density: number;
}

function comparePrunable(original: Architecture, cropped: Architecture): readonly LayerChange[] {
  const after = new Map(findPrunableLayers(cropped).map((layer) => [layer.id, layer]));
  return findPrunableLayers(original).map((before) => {
    const layer = after.get(before.id) ?? before;
    return { id: before.id, before, after: layer, density: layer.prunable / before.prunable };
  });
}

/** A line a width group, before and after. */
export function toGroupTable(rows: readonly GroupRow[], width: number): string {
  return toTextTable(
    [
      { title: 'width group', least: 12 },
      { title: 'original', align: 'right' },
      { title: 'crop', align: 'right' },
      { title: 'kept', align: 'right' },
    ],
    rows.map(({ group, width: channels, originalWidth }) => [
      group,
      String(originalWidth),
      String(channels),
      formatPercent(channels / originalWidth, 0),
    ]),
    width,
  );
}

/** A line a layer with prunable weights, before and after, and one for all. */
export function toLayerTable(original: Architecture, cropped: Architecture, width: number): string {
  const [before, after] = [countArchitecture(original), countArchitecture(cropped)];
  const columns = [
    { title: 'layer', least: 12 },
    { title: 'weights', align: 'right' },
    { title: 'crop', align: 'right' },
    { title: 'kept', align: 'right' },
    { title: 'MACs', align: 'right' },
    { title: 'crop', align: 'right' },
    { title: 'kept', align: 'right' },
  ] as const;
  const toCells = (name: string, weights: readonly [number, number], macs: readonly [number, number]): readonly string[] => [
    name,
    ...weights.map(formatInteger),
    formatPercent(weights[1] / weights[0]),
    ...macs.map(formatCount),
    formatPercent(macs[1] / macs[0]),
  ];
  return toTextTable(
    columns,
    [
      ...comparePrunable(original, cropped).map((layer) =>
        toCells(layer.id, [layer.before.prunable, layer.after.prunable], [layer.before.macs, layer.after.macs]),
      ),
      toCells('all, with biases and norms', [before.params, after.params], [before.macs, after.macs]),
    ],
    width,
  );
}
