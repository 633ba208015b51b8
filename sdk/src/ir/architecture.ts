import type { AddNode } from './ops/add.js';
import type { BatchNormNode } from './ops/batch-norm.js';
import type { ChannelShuffleNode } from './ops/channel-shuffle.js';
import type { ConcatNode } from './ops/concat.js';
import type { ConvNode } from './ops/conv.js';
import type { DenseNode } from './ops/dense.js';
import type { DepthwiseConvNode } from './ops/depthwise-conv.js';
import type { GlobalAvgPoolNode } from './ops/global-avg-pool.js';
import type { AvgPoolNode, MaxPoolNode } from './ops/pool.js';
import type { Relu6Node, ReluNode } from './ops/relu.js';
import type { SplitNode } from './ops/split.js';

export type Node =
  | ConvNode
  | DepthwiseConvNode
  | BatchNormNode
  | ReluNode
  | Relu6Node
  | AddNode
  | ConcatNode
  | SplitNode
  | ChannelShuffleNode
  | MaxPoolNode
  | AvgPoolNode
  | GlobalAvgPoolNode
  | DenseNode;

/**
 * A network as data. Nodes stand in topological order; a node names the nodes it reads by id, and `input` is the image.
 * Everything else (counts, width groups, programs, exported files) is a function of this value.
 */
export interface Architecture {
  readonly name: string;
  /** [height, width, channels] of one image. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  readonly nodes: readonly Node[];
  /** Id of the node whose output is the logits, [classes]. */
  readonly output: string;
}

/** The id that stands for the image in a node's inputs. */
export const inputId = 'input';
