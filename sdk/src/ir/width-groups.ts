import { oncePer } from '../core/once.js';
import { type Architecture, inputId } from './architecture.js';
import { specOf } from './ops.js';
import { type Atom, type ChannelAxis, createWidthTable } from './width-table.js';

/** Channels that are cropped as one, wherever they appear. */
export interface WidthGroup {
  readonly name: string;
  readonly width: number;
  /** Every width of the group must be a multiple of this (grouped convolutions, shuffles). */
  readonly multipleOf: number;
  /** Ids of the convolutions that write these channels. */
  readonly writers: readonly string[];
}

export interface GroupedArchitecture {
  /** Free groups in the order in which they are first written. */
  readonly groups: readonly WidthGroup[];
  /** For each node, its output channels as a sum of groups; undefined stands for channels that stay (the image, the classes). */
  readonly axes: ReadonlyMap<string, readonly { readonly group: string | undefined; readonly channels: number }[]>;
}

/** The width groups of an architecture. */
export const findWidthGroups: (architecture: Architecture) => GroupedArchitecture = oncePer(groupWidths);

/** Union-find over the channel axes that every op couples. */
function groupWidths(architecture: Architecture): GroupedArchitecture {
  const table = createWidthTable();
  const axes = new Map<string, ChannelAxis>([[inputId, table.fixed(architecture.input[2])]]);
  for (const node of architecture.nodes) {
    const inputs = node.inputs.map((id) => axes.get(id) ?? []);
    axes.set(node.id, specOf(node).couples(node, inputs, table));
  }
  // The classes stay.
  table.tie(axes.get(architecture.output) ?? [], table.fixed(architecture.classes));
  table.settle();

  const names = nameAtoms(architecture, axes, table.leaves);
  const writers = new Map<Atom, string[]>();
  for (const node of architecture.nodes) {
    if (!specOf(node).withWidth) continue;
    for (const atom of new Set(table.leaves(axes.get(node.id) ?? []))) writers.set(atom, [...(writers.get(atom) ?? []), node.id]);
  }
  return {
    groups: [...names].map(([atom, name]) => ({
      name,
      width: atom.size,
      multipleOf: atom.multipleOf,
      writers: writers.get(atom) ?? [],
    })),
    axes: new Map([...axes].map(([id, axis]) => [id, table.leaves(axis).map((atom) => ({ group: names.get(atom), channels: atom.size }))])),
  };
}

/**
 * `stage1 16 ← stem.conv, stage1.block1.conv2, …`: a line a group.
 */
export function printWidthGroups(grouped: GroupedArchitecture): string {
  return grouped.groups
    .map(({ name, width, multipleOf, writers }) => {
      const rule = multipleOf > 1 ? ` (multiple of ${multipleOf})` : '';
      return `${name} ${width}${rule} ← ${writers.join(', ')}`;
    })
    .join('\n');
}

// A group is named by the first owner's name; a run that was split off a wider axis gets a number behind it.
function nameAtoms(
  architecture: Architecture,
  axes: ReadonlyMap<string, ChannelAxis>,
  leaves: (axis: ChannelAxis) => readonly Atom[],
): ReadonlyMap<Atom, string> {
  const names = new Map<Atom, string>();
  const taken = new Map<string, number>();
  for (const node of architecture.nodes) {
    for (const atom of leaves(axes.get(node.id) ?? [])) {
      if (atom.fixed || names.has(atom)) continue;
      const [owner = node.id] = atom.owners;
      const count = (taken.get(owner) ?? 0) + 1;
      taken.set(owner, count);
      names.set(atom, count === 1 ? owner : `${owner}#${count}`);
    }
  }
  return names;
}
