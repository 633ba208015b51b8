import { type Architecture, inputId } from '../ir/architecture.js';
import { sizeOf, withChannels } from '../ir/node.js';
import { type ShapedNode, toShapedNodes } from '../ir/shapes.js';
import { findWidthGroups } from '../ir/width-groups.js';
import type { Setting, WidthLattice } from './width-lattice.js';

/** A channel axis as a sum of a lattice's groups, by index, and of channels that stay. */
export interface Axis {
  readonly fixed: number;
  readonly groups: readonly number[];
}

/** A node with the axes of its inputs and of its output, and how many numbers it writes a channel. */
export interface PlacedNode {
  readonly shaped: ShapedNode;
  readonly inputs: readonly Axis[];
  readonly output: Axis;
  readonly pixels: number;
}

/** Nodes whose channels are the same few axes, such as the sums and activations of a stage's blocks: what they cost follows from few widths. */
export interface Cell {
  readonly nodes: readonly PlacedNode[];
  /** Mostly two: a sum or a depthwise convolution has one and the same axis everywhere. */
  readonly axes: readonly Axis[];
  readonly groups: ReadonlySet<number>;
}

/** Channels of an axis at a setting. */
export function widthAt({ fixed, groups }: Axis, setting: Setting): number {
  let width = fixed;
  for (const group of groups) width += setting[group] as number;
  return width;
}

/** The nodes in terms of a lattice's groups, in the order of their ids that is given. */
export function placeNodes(architecture: Architecture, lattice: WidthLattice, order: readonly string[]): readonly PlacedNode[] {
  const shapedOf = new Map(toShapedNodes(architecture).map((shaped) => [shaped.node.id, shaped]));
  const axes = findAxes(architecture, lattice);
  const axisOf = (id: string): Axis => axes.get(id) as Axis;
  return order.map((id) => {
    const shaped = shapedOf.get(id) as ShapedNode;
    return { shaped, inputs: shaped.node.inputs.map(axisOf), output: axisOf(id), pixels: sizeOf(withChannels(shaped.output, 1)) };
  });
}

export function toCells(nodes: readonly PlacedNode[]): readonly Cell[] {
  const numbers = new Map<Axis, number>();
  const cells = new Map<string, { nodes: PlacedNode[]; axes: readonly Axis[]; groups: ReadonlySet<number> }>();
  for (const node of nodes) {
    const axes = [...new Set([node.output, ...node.inputs])];
    for (const axis of axes) if (!numbers.has(axis)) numbers.set(axis, numbers.size);
    const key = axes.map((axis) => numbers.get(axis)).join();
    const cell = cells.get(key);
    if (cell) cell.nodes.push(node);
    else cells.set(key, { nodes: [node], axes, groups: new Set(axes.flatMap(({ groups }) => groups)) });
  }
  return [...cells.values()];
}

/** The axis of the image and of each node's output; equal ones are one and the same object. */
function findAxes(architecture: Architecture, { groups }: WidthLattice): ReadonlyMap<string, Axis> {
  const index = new Map(groups.map(({ name }, at) => [name, at]));
  const known = new Map<string, Axis>();
  const intern = (axis: Axis): Axis => {
    const key = `${axis.fixed} ${axis.groups.join()}`;
    const same = known.get(key) ?? axis;
    known.set(key, same);
    return same;
  };
  const image = intern({ fixed: architecture.input[2], groups: [] });
  return new Map([
    [inputId, image],
    ...[...findWidthGroups(architecture).axes].map(([id, parts]): [string, Axis] => [
      id,
      intern({
        fixed: parts.reduce((sum, { group, channels }) => sum + (group === undefined ? channels : 0), 0),
        groups: parts.flatMap(({ group }) => (group === undefined ? [] : [index.get(group) ?? 0])),
      }),
    ]),
  ]);
}
