import type { z } from 'zod';
import type { LoweringBuilder, Value } from './lowering.js';
import type { NodeBase, Shape } from './node.js';
import type { ChannelAxis, WidthTable } from './width-table.js';

/**
 * An op joins the system by answering these; shared code never asks which op it is.
 * `inputs` are the shapes of the node's inputs, without the batch.
 */
export interface OpSpec<N extends NodeBase & { readonly op: string } = NodeBase & { readonly op: string }> {
  readonly kind: N['op'];
  readonly schema: z.ZodType<N>;
  /** How many inputs the op takes. */
  readonly arity: { readonly least: number; readonly most: number };
  /** @throws ArchitectureError when the input shapes do not fit. */
  outputShape(node: N, inputs: readonly Shape[]): Shape;
  /**
   * Trainable parameters: weights, biases, batch-norm scale and offset. All counts are linear in the channels of the one input, and in those of the
   * output where the op has a width of its own; an op of several inputs counts nothing.
   */
  countParams(node: N, inputs: readonly Shape[]): number;
  /** Weights that a pruning method may remove: kernels of convolutions and dense layers, no biases. */
  countPrunable(node: N, inputs: readonly Shape[]): number;
  /** Multiply-accumulates for one image. Batch norm, activations and pooling count as none. */
  countMacs(node: N, inputs: readonly Shape[]): number;
  /** The channel axis of the output, after tying those axes that must keep one width. */
  couples(node: N, inputs: readonly ChannelAxis[], table: WidthTable): ChannelAxis;
  /**
   * The channels that an output channel is computed from, of all inputs' channels one behind the other. A layer with a kernel tells them in the
   * order of the kernel's last axis but one.
   */
  reads(node: N, inputs: readonly Shape[]): (channel: number) => readonly number[];
  /** The node with another number of output channels; absent where the width follows from the inputs. */
  withWidth?(node: N, outChannels: number): N;
  /** The forward computation, in primitives. */
  lower(node: N, inputs: readonly Value[], builder: LoweringBuilder): Value;
}
