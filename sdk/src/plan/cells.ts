import type { Axis, PlacedNode } from '../ir/placed-nodes.js';

/** Nodes whose channels are the same few axes, such as the sums and activations of a stage's blocks: what they cost follows from few widths. */
export interface Cell {
  readonly nodes: readonly PlacedNode[];
  /** Mostly two: a sum or a depthwise convolution has one and the same axis everywhere. */
  readonly axes: readonly Axis[];
  readonly groups: ReadonlySet<number>;
}

export function toCells(nodes: readonly PlacedNode[]): readonly Cell[] {
  const numbers = new Map<Axis, number>();
  const cells = new Map<string, { nodes: PlacedNode[]; axes: readonly Axis[]; groups: ReadonlySet<number> }>();
  for (const node of nodes) {
    const axes = [...new Set([node.output, ...node.inputs].map(({ axis }) => axis))];
    for (const axis of axes) if (!numbers.has(axis)) numbers.set(axis, numbers.size);
    const key = axes.map((axis) => numbers.get(axis)).join();
    const cell = cells.get(key);
    if (cell) cell.nodes.push(node);
    else cells.set(key, { nodes: [node], axes, groups: new Set(axes.flatMap(({ groups }) => groups)) });
  }
  return [...cells.values()];
}
