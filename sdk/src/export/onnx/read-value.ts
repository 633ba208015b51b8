import type { Shape } from '../../ir/node.js';
import type { TensorProto } from './proto.js';

/** What a tensor of a graph is for the architecture that is read from it. */
export type Value = DataValue | PooledValue | DealtValue | ConstantValue | IntsValue;

/** What a node of the architecture writes, or the image. */
export interface DataValue {
  readonly kind: 'data';
  readonly id: string;
  /** [h, w, c] or [c]. */
  readonly shape: Shape;
  /** More than one node reads it. */
  readonly shared: boolean;
}

/** The mean over height and width, still [c, 1, 1]: half of a global-avg-pool. */
export interface PooledValue {
  readonly kind: 'pooled';
  readonly source: DataValue;
}

/** Channels dealt out to groups, [groups, c / groups, h, w], then turned: two thirds of a channel shuffle. */
export interface DealtValue {
  readonly kind: 'dealt';
  readonly source: DataValue;
  readonly groups: number;
  /** Axes, with the batch. */
  readonly rank: number;
  readonly turned: boolean;
}

export interface ConstantValue {
  readonly kind: 'constant';
  readonly tensor: TensorProto;
}

/** Integers that are known before the network runs; -1 stands for the number of images. */
export interface IntsValue {
  readonly kind: 'ints';
  readonly values: readonly number[];
}
