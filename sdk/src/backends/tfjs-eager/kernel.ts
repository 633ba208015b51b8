import type { Tensor } from '@tensorflow/tfjs-core';
import type { Pads } from '../../ir/geometry.js';
import type { PrimitiveAttributes, PrimitiveKind } from '../../ir/lowering.js';

/** Variables as an update sees them: as earlier operations of the same run left them. */
export interface VariableAccess {
  read(name: string): Tensor;
  write(name: string, value: Tensor): void;
}

/** An operation at work. */
export interface KernelInput<A> {
  readonly inputs: readonly Tensor[];
  readonly attributes: A;
  /** The batch size, for shapes that hold -1. */
  readonly batch: number;
  readonly variables: VariableAccess;
}

/** Computes the outputs of an operation. Other tensors that it makes are freed by its caller. */
export type Kernel<A> = (at: KernelInput<A>) => readonly Tensor[];

export type KernelTable<K extends PrimitiveKind> = { readonly [P in K]: Kernel<PrimitiveAttributes[P]> };

/** The shape with the batch size in place of -1. */
export function withBatch(shape: readonly number[], batch: number): number[] {
  return shape.map((extent) => (extent < 0 ? batch : extent));
}

/** The input at an index that the operation's arity guarantees, with the rank that its kernel asks for. */
export function inputAt<T extends Tensor = Tensor>(inputs: readonly Tensor[], index: number): T {
  const input = inputs[index];
  if (!input) throw new RangeError(`An operation has no input ${index}; it has ${inputs.length}.`);
  return input as T;
}

export type TfjsPads = [[number, number], [number, number], [number, number], [number, number]];

/** Padding as tfjs takes it. */
export function toTfjsPads([top, bottom, left, right]: Pads): TfjsPads {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}
