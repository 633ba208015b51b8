import { findPrunableLayers, type LayerDensities, type PrunableLayer } from '../density/layer-densities.js';
import type { Architecture, Node } from '../ir/architecture.js';
import { specOf } from '../ir/ops.js';
import { findWidthGroups, type GroupedArchitecture, type WidthGroup } from '../ir/width-groups.js';

/** Width group → new width over the original one, not rounded. */
export type WidthRatios = ReadonlyMap<string, number>;

/**
 * One channel axis of a kernel as a sum of width groups: ratio = fixed + Σ share · ratio of the group. The shares and the fixed
 * part (the image, the classes) sum to 1.
 */
export interface Side {
  readonly fixed: number;
  readonly shares: ReadonlyMap<string, number>;
}

/** A layer whose weights and MACs are in proportion to the product of its sides: input and output, or the one of a depthwise kernel. */
export interface CropLayer extends PrunableLayer {
  readonly sides: readonly Side[];
}

export interface CropModel {
  readonly layers: readonly CropLayer[];
  readonly groups: readonly WidthGroup[];
}

/** What crop rules know of an architecture: its layers in terms of its width groups. */
export function toCropModel(architecture: Architecture): CropModel {
  const grouped = findWidthGroups(architecture);
  const nodes = new Map(architecture.nodes.map((node) => [node.id, node]));
  return {
    groups: grouped.groups,
    layers: findPrunableLayers(architecture).map((layer) => ({ ...layer, sides: sidesOf(nodes.get(layer.id) as Node, grouped) })),
  };
}

/** The ratio of one side. A group without a ratio keeps its width. */
export function ratioOf(side: Side, ratios: WidthRatios): number {
  let ratio = side.fixed;
  for (const [group, share] of side.shares) ratio += share * (ratios.get(group) ?? 1);
  return ratio;
}

/** The densities that layers have at these ratios: the product of their sides. */
export function realisedDensities(layers: readonly CropLayer[], ratios: WidthRatios): LayerDensities {
  return new Map(layers.map(({ id, sides }) => [id, sides.reduce((product, side) => product * ratioOf(side, ratios), 1)]));
}

// A node whose width is its own has two free sides; one whose width follows from the input (depthwise) has that one alone.
function sidesOf(node: Node, grouped: GroupedArchitecture): readonly Side[] {
  const axes = specOf(node).withWidth ? [...node.inputs, node.id] : node.inputs;
  return axes.map((id) => {
    const parts = grouped.axes.get(id) ?? [];
    const total = parts.reduce((sum, { channels }) => sum + channels, 0);
    const shares = new Map<string, number>();
    let fixed = 0;
    for (const { group, channels } of parts) {
      if (group === undefined) fixed += channels / total;
      else shares.set(group, (shares.get(group) ?? 0) + channels / total);
    }
    return { fixed, shares };
  });
}
