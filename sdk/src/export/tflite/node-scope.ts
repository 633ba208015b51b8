import type { Shape } from '../../ir/node.js';
import type { Graph } from './graph.js';
import type { Activation } from './schema.js';

/** What writing a node may ask for. Shapes are without the batch, as the ir's are. */
export interface NodeScope {
  readonly graph: Graph;
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  /** What the node applies to its result itself. */
  readonly activation: Activation;
  /** Windows with strides are padded by an operator of their own; XNNPACK makes it a part of them again. */
  readonly padsStrides: boolean;
  /** A shape with the batch before it. */
  batched(shape: Shape): readonly number[];
  /** The values of a variable of the node: `kernel`, `moving-mean`. */
  weights(part: string): Float32Array;
  /** The node's bias, or zeros: readers of old ask for one. */
  bias(node: { readonly bias: boolean }): Float32Array;
  /** The tensor that holds the node's result. Asked for once, when the operators before are written. */
  output(): number;
  /** Equal runs of a value's channels; written once for all that read them. */
  split(input: number, shape: Shape, parts: number): readonly number[];
}

/** Writes a node's operators and returns the tensor of its result. */
export type WriteNode<N> = (node: N, inputs: readonly [number, ...number[]], scope: NodeScope) => number;
