import type { Pads } from '../ir/geometry.js';

/** What an op of the engine writes: `channels` planes of one size. */
export interface Value {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** No number below zero is in it, so that zeros around it cannot win in a max-pool. */
  readonly nonNegative: boolean;
}

/** One channel of a value. Splits, shuffles and concatenations are lists of planes, and cost nothing. */
export interface Plane {
  readonly value: number;
  readonly channel: number;
}

/** A window that slides; what it needs around the image follows from the pads. */
export interface SlidingWindow {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: Pads;
}

/** The weights that are not zero, one output channel after the other: those of channel c end before `ends[c]`. */
export interface SparseKernel {
  readonly ends: Uint32Array;
  /** Which of the op's inputs a weight reads. */
  readonly inputs: Uint32Array;
  /** Where in the window: row · kernel width + column. */
  readonly places: Uint32Array;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** [lowest, highest] that an output may be. */
export type Range = readonly [number, number];

interface OpBase {
  readonly inputs: readonly Plane[];
  /** The value that it writes. */
  readonly output: number;
}

/** Convolution, dense layer, batch norm, sum and activation: all that is linear in its inputs, with what follows it fused. */
export interface ConvOp extends OpBase, SlidingWindow {
  readonly kind: 'conv';
  readonly weights: SparseKernel;
  /** Added to the output before it is limited. */
  readonly residual?: readonly Plane[] | undefined;
  readonly range: Range;
}

export interface PoolOp extends OpBase, SlidingWindow {
  readonly kind: 'max-pool' | 'avg-pool';
}

/** The mean of each channel. */
export interface MeanOp extends OpBase {
  readonly kind: 'mean';
}

export type SparseOp = ConvOp | PoolOp | MeanOp;

/** A network as the engine runs it. Value 0 is the image. */
export interface SparseNetwork {
  readonly values: readonly Value[];
  readonly ops: readonly SparseOp[];
  readonly logits: readonly Plane[];
}
