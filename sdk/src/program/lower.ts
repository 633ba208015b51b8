import { type Architecture, inputId } from '../ir/architecture.js';
import type { LoweringBuilder, Value } from '../ir/lowering.js';
import { specOf } from '../ir/ops.js';

/**
 * Appends the forward computation of an architecture. Gives the logits, [-1, classes].
 * @param after what becomes of a node's value before others read it; nothing where left out.
 */
export function lower(
  architecture: Architecture,
  images: Value,
  builder: LoweringBuilder,
  after: (nodeId: string, value: Value) => Value = (_, value) => value,
): Value {
  const values = new Map([[inputId, images]]);
  for (const node of architecture.nodes) {
    const inputs = node.inputs.map((id) => values.get(id) as Value);
    values.set(node.id, after(node.id, specOf(node).lower(node, inputs, builder)));
  }
  return values.get(architecture.output) as Value;
}
