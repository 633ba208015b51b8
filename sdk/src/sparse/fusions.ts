import { countReaders } from '../export/fold.js';
import type { Architecture, Node } from '../ir/architecture.js';

const linear: ReadonlySet<Node['op']> = new Set(['conv', 'depthwise-conv', 'dense', 'batch-norm']);

/**
 * The nodes that are computed as part of the only node that reads them: what is linear, by a sum (one of its two inputs) or an activation; and a
 * sum by an activation.
 */
export function findAbsorbed(architecture: Architecture): ReadonlySet<string> {
  const reads = countReaders(architecture);
  const byId = new Map(architecture.nodes.map((node) => [node.id, node]));
  const absorbed = new Set<string>();
  for (const node of architecture.nodes) {
    const only = node.inputs.flatMap((id) => (reads.get(id) === 1 ? (byId.get(id) ?? []) : []));
    if (node.op === 'add') {
      const last = only.findLast(({ op }) => linear.has(op));
      if (last) absorbed.add(last.id);
    } else if (node.op === 'relu' || node.op === 'relu6') {
      for (const { id, op } of only) if (linear.has(op) || op === 'add') absorbed.add(id);
    }
  }
  return absorbed;
}
