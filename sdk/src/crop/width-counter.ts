import type { Architecture } from '../ir/architecture.js';
import { specOf } from '../ir/ops.js';
import { toShapedNodes, withChannelsAround } from '../ir/shapes.js';
import { findWidthGroups } from '../ir/width-groups.js';
import type { Widths } from '../ir/widths.js';

/** Trainable parameters and MACs, as `countArchitecture` counts them. */
export interface WidthCount {
  readonly params: number;
  readonly macs: number;
}

export interface WidthCounter {
  /** Exact counts at these widths, without building the architecture. */
  count(widths: Widths): WidthCount;
  /** What one group's width alone adds: only the nodes around the group are counted. */
  countChange(widths: Widths, group: string, width: number): WidthCount;
}

/** Counts one architecture at many widths. */
export function createWidthCounter(architecture: Architecture): WidthCounter {
  const { axes } = findWidthGroups(architecture);
  const shaped = toShapedNodes(architecture);
  const around = new Map<string, (typeof shaped)[number][]>();
  for (const each of shaped) {
    const groups = new Set([...each.node.inputs, each.node.id].flatMap((id) => (axes.get(id) ?? []).map(({ group }) => group)));
    for (const group of groups) if (group !== undefined) around.set(group, [...(around.get(group) ?? []), each]);
  }
  return {
    count: (widths) => countAll(shaped, widths),
    countChange(widths, group, width) {
      const nodes = around.get(group) ?? [];
      const before = countAll(nodes, widths);
      const after = countAll(nodes, new Map(widths).set(group, width));
      return { params: after.params - before.params, macs: after.macs - before.macs };
    },
  };

  function countAll(nodes: typeof shaped, widths: Widths): WidthCount {
    let [params, macs] = [0, 0];
    for (const each of nodes) {
      const channels = each.node.inputs.map((id) => channelsAt(id, widths));
      const { node, inputs } = withChannelsAround(each, channels, channelsAt(each.node.id, widths));
      const spec = specOf(node);
      params += spec.countParams(node, inputs);
      macs += spec.countMacs(node, inputs);
    }
    return { params, macs };
  }

  function channelsAt(id: string, widths: Widths): number {
    let total = 0;
    for (const { group, channels } of axes.get(id) ?? []) total += group === undefined ? channels : (widths.get(group) ?? channels);
    return total;
  }
}
