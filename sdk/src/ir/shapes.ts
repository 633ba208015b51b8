import { type Architecture, inputId, type Node } from './architecture.js';
import type { Shape } from './node.js';
import { specOf } from './ops.js';

/** A node with the shapes around it, without the batch. */
export interface ShapedNode {
  readonly node: Node;
  readonly inputs: readonly Shape[];
  readonly output: Shape;
}

/** Every node with its shapes, in order. @throws ArchitectureError where shapes do not fit. */
export function toShapedNodes(architecture: Architecture): readonly ShapedNode[] {
  const shapes = new Map<string, Shape>([[inputId, architecture.input]]);
  return architecture.nodes.map((node) => {
    const inputs = node.inputs.map((id) => shapes.get(id) ?? []);
    const output = specOf(node).outputShape(node, inputs);
    shapes.set(node.id, output);
    return { node, inputs, output };
  });
}
