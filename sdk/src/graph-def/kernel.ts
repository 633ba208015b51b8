import type { Value } from '../ir/lowering.js';
import type { GraphWriter } from './graph-writer.js';

/** An operation as its row sees it: values with their shapes, and the tensors that hold them. */
export interface KernelInput<A> {
  readonly graph: GraphWriter;
  readonly inputs: readonly Value[];
  readonly tensors: readonly string[];
  readonly attributes: A;
  /** A shape as an int32 tensor, with the batch size in place of -1. */
  readonly shapeTensor: (shape: readonly number[]) => string;
  /** Handle of a variable. */
  readonly handle: (variable: string) => string;
  /** Control dependency on the reading of a variable, so that it is never read after it was written. */
  readonly afterRead: (variable: string) => readonly string[];
}

/** Names of the output tensors; for an update, the name of the node that does it. */
export type Kernel<A> = (at: KernelInput<A>) => readonly string[];

/** The first output of a node. */
export function one(node: string): readonly string[] {
  return [`${node}:0`];
}

/** The first `count` outputs of a node. */
export function outputs(node: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${node}:${index}`);
}
