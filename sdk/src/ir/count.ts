import type { Architecture, Node } from './architecture.js';
import { sizeOf } from './node.js';
import { specOf } from './ops.js';
import { toShapedNodes } from './shapes.js';

export interface NodeCount {
  readonly node: Node;
  readonly outputShape: readonly number[];
  readonly params: number;
  /** Weights that pruning methods may remove. */
  readonly prunable: number;
  readonly macs: number;
  /** Bytes of the node's output for one image, float32. */
  readonly activationBytes: number;
}

export interface Count {
  readonly params: number;
  readonly prunable: number;
  readonly macs: number;
  /** Bytes of all node outputs for one image, float32: what training would keep at most. */
  readonly activationBytes: number;
}

/** Exact counts of each node for one image. */
export function countNodes(architecture: Architecture): readonly NodeCount[] {
  return toShapedNodes(architecture).map(({ node, inputs, output }) => {
    const spec = specOf(node);
    return {
      node,
      outputShape: output,
      params: spec.countParams(node, inputs),
      prunable: spec.countPrunable(node, inputs),
      macs: spec.countMacs(node, inputs),
      activationBytes: 4 * sizeOf(output),
    };
  });
}

/** Exact counts of the whole architecture for one image. */
export function countArchitecture(architecture: Architecture): Count {
  const total = { params: 0, prunable: 0, macs: 0, activationBytes: 0 };
  for (const count of countNodes(architecture)) {
    total.params += count.params;
    total.prunable += count.prunable;
    total.macs += count.macs;
    total.activationBytes += count.activationBytes;
  }
  return total;
}
