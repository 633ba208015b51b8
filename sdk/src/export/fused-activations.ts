import type { Architecture, Node } from '../ir/architecture.js';
import type { Relu6Node, ReluNode } from '../ir/ops/relu.js';
import { countReaders } from './fold.js';

export type ActivationNode = ReluNode | Relu6Node;

/**
 * The relu or relu6 that can be part of the node before it, by that node's id: the node is of an op that `takers` names, and nothing else reads it.
 */
export function fuseActivations(architecture: Architecture, takers: ReadonlySet<Node['op']>): ReadonlyMap<string, ActivationNode> {
  const reads = countReaders(architecture);
  const takes = new Set(architecture.nodes.filter(({ id, op }) => takers.has(op) && reads.get(id) === 1).map(({ id }) => id));
  return new Map(
    architecture.nodes
      .filter((node) => node.op === 'relu' || node.op === 'relu6')
      .flatMap((node) => node.inputs.filter((input) => takes.has(input)).map((input) => [input, node] as const)),
  );
}
