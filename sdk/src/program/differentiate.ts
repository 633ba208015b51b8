import { PreCropError } from '../core/errors.js';
import type { Value } from '../ir/lowering.js';
import type { ProgramBuilder } from './builder.js';
import type { GradientInput } from './primitive.js';
import { primitiveOf } from './primitives.js';

/**
 * Appends the backward part: reverse-mode differentiation over the operations so far. What it appends is made of primitives
 * again, so a gradient can be differentiated once more.
 *
 * @param target the value to differentiate.
 * @param seed the gradient of the target, of its shape; all ones where left out.
 * @param sources values whose gradients are wanted.
 * @returns the gradient of each source, in order; undefined where the target does not depend on it.
 * @throws PreCropError when a primitive on the way has no gradient.
 */
export function differentiate(
  builder: ProgramBuilder,
  target: Value,
  sources: readonly Value[],
  seed: Value = builder.emit('fill', [], { shape: target.shape, value: 1 }),
): readonly (Value | undefined)[] {
  const operations = [...builder.operations];
  const needed = findDependents(operations, sources);
  const gradients = new Map<number, Value>([[target.id, seed]]);
  const valueAt = (id: number): Value => builder.values[id] as Value;

  for (const operation of operations.reverse()) {
    const upstream = operation.outputs.map((id) => gradients.get(id));
    const wanted = operation.inputs.map((id) => needed.has(id));
    if (!upstream.some(Boolean) || !wanted.some(Boolean)) continue;
    const { gradient } = primitiveOf(operation.kind);
    if (!gradient)
      throw new PreCropError('failed', `The primitive ${operation.kind} has no gradient, but the target depends on a source through it.`);
    const context = {
      emit: builder.emit,
      emitAll: builder.emitAll,
      inputs: operation.inputs.map(valueAt),
      outputs: operation.outputs.map(valueAt),
      attributes: operation.attributes,
      upstream,
      wanted,
    };
    const downstream = gradient(context as unknown as GradientInput<never>);
    operation.inputs.forEach((id, index) => {
      const part = downstream[index];
      if (!wanted[index] || !part) return;
      const sum = gradients.get(id);
      gradients.set(id, sum ? builder.emit('add', [sum, part], {}) : part);
    });
  }
  return sources.map(({ id }) => gradients.get(id));
}

// Every value that changes when a source does.
function findDependents(operations: ProgramBuilder['operations'], sources: readonly Value[]): ReadonlySet<number> {
  const dependents = new Set(sources.map(({ id }) => id));
  for (const { inputs, outputs } of operations) {
    if (inputs.some((id) => dependents.has(id))) for (const id of outputs) dependents.add(id);
  }
  return dependents;
}
