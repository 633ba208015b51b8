import type { Architecture } from '../ir/architecture.js';
import { specOf } from '../ir/ops.js';
import { type PlacedNode, placeNodes, resizeNode, type Setting } from '../ir/placed-nodes.js';
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
  const { groups } = findWidthGroups(architecture);
  const names = groups.map(({ name }) => name);
  const nodes = placeNodes(architecture, names);
  const around = new Map(
    names.map((name, group) => [
      name,
      nodes.filter(({ inputs, output }) => [...inputs, output].some((axis) => axis.groups.includes(group))),
    ]),
  );
  const toSetting = (widths: Widths): Setting => Int32Array.from(groups, ({ name, width }) => widths.get(name) ?? width);
  return {
    count: (widths) => countAll(nodes, toSetting(widths)),
    countChange(widths, group, width) {
      const touched = around.get(group) ?? [];
      const before = countAll(touched, toSetting(widths));
      const after = countAll(touched, toSetting(new Map(widths).set(group, width)));
      return { params: after.params - before.params, macs: after.macs - before.macs };
    },
  };
}

function countAll(nodes: readonly PlacedNode[], setting: Setting): WidthCount {
  let [params, macs] = [0, 0];
  for (const placed of nodes) {
    const { node, inputs } = resizeNode(placed, setting);
    const spec = specOf(node);
    params += spec.countParams(node, inputs);
    macs += spec.countMacs(node, inputs);
  }
  return { params, macs };
}
