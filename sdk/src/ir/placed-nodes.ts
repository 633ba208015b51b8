import { oncePer } from '../core/once.js';
import { type Architecture, inputId, type Node } from './architecture.js';
import { channelsOf, type Shape, sizeOf, withChannels } from './node.js';
import { specOf } from './ops.js';
import { type ShapedNode, toShapedNodes } from './shapes.js';
import { findWidthGroups, type WidthGroup } from './width-groups.js';
import { checkWidths, type Widths } from './widths.js';

/** One width a group, in the alphabetical order of their names. */
export type Setting = Int32Array;

/** A channel axis as a sum of width groups, by their places in a setting, and of channels that stay. */
export interface Axis {
  readonly fixed: number;
  readonly groups: readonly number[];
}

/** What a node reads or writes of one image: so many pixels of an axis. Equal axes are one and the same object. */
export interface PlacedValue {
  readonly axis: Axis;
  readonly pixels: number;
}

/** A node as a function of its architecture's widths. */
export interface PlacedNode {
  readonly node: Node;
  readonly inputs: readonly PlacedValue[];
  readonly output: PlacedValue;
  readonly params: NodeCount;
  readonly macs: NodeCount;
}

/** A count that is linear in the channels that a node reads and in those that it writes: of both, of inputs, of outputs. */
interface NodeCount {
  readonly both: number;
  readonly input: number;
  readonly output: number;
}

/** An architecture as a function of its widths. */
export interface PlacedArchitecture {
  /** In alphabetical order: that of settings. */
  readonly groups: readonly WidthGroup[];
  readonly image: PlacedValue;
  /** In the architecture's order. */
  readonly nodes: readonly PlacedNode[];
}

export const placeNodes: (architecture: Architecture) => PlacedArchitecture = oncePer((architecture) => {
  const groups = findWidthGroups(architecture).groups.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const axes = findAxes(architecture, groups);
  const place = (id: string, shape: Shape): PlacedValue => ({ axis: axes.get(id) as Axis, pixels: sizeOf(withChannels(shape, 1)) });
  const nodes = toShapedNodes(architecture).map((shaped): PlacedNode => {
    const { node, inputs, output } = shaped;
    return {
      node,
      inputs: node.inputs.map((id, index) => place(id, inputs[index] ?? [])),
      output: place(node.id, output),
      params: toNodeCount(shaped, 'countParams'),
      macs: toNodeCount(shaped, 'countMacs'),
    };
  });
  return { groups, image: place(inputId, architecture.input), nodes };
});

/**
 * Widths as a setting; groups that are not named keep theirs.
 * @throws ArchitectureError as `withWidths` does.
 */
export function toSetting(architecture: Architecture, widths: Widths): Setting {
  checkWidths(architecture, widths);
  return Int32Array.from(placeNodes(architecture).groups, ({ name, width }) => widths.get(name) ?? width);
}

// A search comes here a hundred thousand times before the engine has compiled anything: plain loops, no arrays made or taken apart.

/** Channels of an axis. */
export function widthAt(axis: Axis, setting: Setting): number {
  const { groups } = axis;
  let width = axis.fixed;
  for (let index = 0; index < groups.length; index++) width += setting[groups[index] as number] as number;
  return width;
}

/** How many numbers a value has. */
export function numbersAt(value: PlacedValue, setting: Setting): number {
  return value.pixels * widthAt(value.axis, setting);
}

/** Trainable parameters of a node. */
export function paramsAt(placed: PlacedNode, setting: Setting): number {
  return countAt(placed.params, placed, setting);
}

/** MACs of a node for one image. */
export function macsAt(placed: PlacedNode, setting: Setting): number {
  return countAt(placed.macs, placed, setting);
}

function countAt(count: NodeCount, placed: PlacedNode, setting: Setting): number {
  const { both, input, output } = count;
  const first = placed.inputs[0];
  if (first === undefined || (both === 0 && input === 0 && output === 0)) return 0; // most nodes
  const reads = widthAt(first.axis, setting);
  const writes = widthAt(placed.output.axis, setting);
  return Math.round(both * reads * writes + input * reads + output * writes);
}

/**
 * One count tells all others of a node whose width follows from its input. Where it has its own, three do: as the node is, with twice the input
 * channels, and with twice its own.
 */
function toNodeCount({ node, inputs, output }: ShapedNode, name: 'countParams' | 'countMacs'): NodeCount {
  const spec = specOf(node);
  const [reads, writes] = [channelsOf(inputs[0] ?? []), channelsOf(output)];
  const once = spec[name](node, inputs);
  if (once === 0 || !spec.withWidth) return { both: 0, input: once / reads, output: 0 };
  const twice = inputs.map((shape) => withChannels(shape, 2 * channelsOf(shape)));
  const moreInput = spec[name](node, twice) - once;
  const moreOutput = spec[name](spec.withWidth(node, 2 * writes), inputs) - once;
  const both = moreInput + moreOutput - once;
  return { both: both / (reads * writes), input: (moreInput - both) / reads, output: (moreOutput - both) / writes };
}

function findAxes(architecture: Architecture, groups: readonly WidthGroup[]): ReadonlyMap<string, Axis> {
  const placeOf = new Map(groups.map(({ name }, place) => [name, place]));
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
