import { type Architecture, inputId } from './architecture.js';
import { sizeOf, withChannels } from './node.js';
import { specOf } from './ops.js';
import { type ShapedNode, toShapedNodes } from './shapes.js';
import { findWidthGroups } from './width-groups.js';

/** One width a group, in an order that is agreed on. */
export type Setting = Int32Array;

/** A channel axis as a sum of width groups, by their places in a setting, and of channels that stay. */
export interface Axis {
  readonly fixed: number;
  readonly groups: readonly number[];
}

/** A node with the axes of its inputs and of its output, and how many numbers it writes a channel. Equal axes are one and the same object. */
export interface PlacedNode {
  readonly shaped: ShapedNode;
  readonly inputs: readonly Axis[];
  readonly output: Axis;
  readonly pixels: number;
}

/** An architecture's nodes, in its order, as functions of its widths. @param groups the names of its width groups in the order of settings */
export function placeNodes(architecture: Architecture, groups: readonly string[]): readonly PlacedNode[] {
  const axes = findAxes(architecture, groups);
  const axisOf = (id: string): Axis => axes.get(id) as Axis;
  return toShapedNodes(architecture).map((shaped) => ({
    shaped,
    inputs: shaped.node.inputs.map(axisOf),
    output: axisOf(shaped.node.id),
    pixels: sizeOf(withChannels(shaped.output, 1)),
  }));
}

/** Channels of an axis. */
export function widthAt({ fixed, groups }: Axis, setting: Setting): number {
  let width = fixed;
  for (const group of groups) width += setting[group] as number;
  return width;
}

/** The node at other widths. */
export function resizeNode({ shaped, inputs, output }: PlacedNode, setting: Setting): ShapedNode {
  const spec = specOf(shaped.node);
  const channels = widthAt(output, setting);
  return {
    node: spec.withWidth ? spec.withWidth(shaped.node, channels) : shaped.node,
    inputs: inputs.map((axis, index) => withChannels(shaped.inputs[index] ?? [], widthAt(axis, setting))),
    output: withChannels(shaped.output, channels),
  };
}

function findAxes(architecture: Architecture, groups: readonly string[]): ReadonlyMap<string, Axis> {
  const placeOf = new Map(groups.map((name, place) => [name, place]));
  const known = new Map<string, Axis>();
  const intern = (axis: Axis): Axis => {
    const key = `${axis.fixed} ${axis.groups.join()}`;
    const same = known.get(key) ?? axis;
    known.set(key, same);
    return same;
  };
  const image: Axis = { fixed: architecture.input[2], groups: [] };
  return new Map([
    [inputId, intern(image)],
    ...[...findWidthGroups(architecture).axes].map(([id, parts]): [string, Axis] => [
      id,
      intern({
        fixed: parts.reduce((sum, { group, channels }) => sum + (group === undefined ? channels : 0), 0),
        groups: parts.flatMap(({ group }) => (group === undefined ? [] : [placeOf.get(group) as number])),
      }),
    ]),
  ]);
}
