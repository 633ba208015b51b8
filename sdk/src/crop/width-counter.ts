import type { Architecture } from '../ir/architecture.js';
import { macsAt, type PlacedNode, paramsAt, placeNodes, type Setting, toSetting } from '../ir/placed-nodes.js';
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
  const { groups, nodes } = placeNodes(architecture);
  const around = new Map(
    groups.map(({ name }, group) => [
      name,
      nodes.filter(({ inputs, output }) => [...inputs, output].some(({ axis }) => axis.groups.includes(group))),
    ]),
  );
  return {
    count: (widths) => countAll(nodes, toSetting(architecture, widths)),
    countChange(widths, group, width) {
      const touched = around.get(group) ?? [];
      const before = countAll(touched, toSetting(architecture, widths));
      const after = countAll(touched, toSetting(architecture, new Map(widths).set(group, width)));
      return { params: after.params - before.params, macs: after.macs - before.macs };
    },
  };
}

function countAll(nodes: readonly PlacedNode[], setting: Setting): WidthCount {
  let [params, macs] = [0, 0];
  for (const node of nodes) {
    params += paramsAt(node, setting);
    macs += macsAt(node, setting);
  }
  return { params, macs };
}
