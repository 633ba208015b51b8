import { UsageError } from '../core/errors.js';
import type { Batch } from '../data/make-batch.js';
import { findPrunableLayers } from '../density/layer-densities.js';
import type { Architecture } from '../ir/architecture.js';
import type { Value } from '../ir/lowering.js';
import { kernelName } from '../mask/masks.js';
import type { ProgramBuilder } from '../program/builder.js';

/** A prunable layer's weights in a program. */
export interface KernelValue {
  /** Of the layer. */
  readonly id: string;
  readonly value: Value;
}

/** The prunable weights of a network that was lowered into the builder, in order. */
export function findKernels(architecture: Architecture, { variables, values }: ProgramBuilder): readonly KernelValue[] {
  const byName = new Map(variables.map((variable) => [variable.name, variable.value as number]));
  return findPrunableLayers(architecture).map(({ id }) => ({ id, value: values[byName.get(kernelName(id)) as number] as Value }));
}

/** The task's labelled images. @throws UsageError where there are none. */
export function requireBatch(criterion: string, batch: Batch | undefined): Batch {
  if (batch) return batch;
  throw new UsageError(`The criterion ${criterion} scores weights by labelled images, but none came: name a data set.`);
}
