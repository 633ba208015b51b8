import type { Node } from './architecture.js';
import type { OpSpec } from './op-spec.js';
import { add } from './ops/add.js';
import { batchNorm } from './ops/batch-norm.js';
import { channelShuffle } from './ops/channel-shuffle.js';
import { concat } from './ops/concat.js';
import { conv } from './ops/conv.js';
import { dense } from './ops/dense.js';
import { depthwiseConv } from './ops/depthwise-conv.js';
import { globalAvgPool } from './ops/global-avg-pool.js';
import { avgPool, maxPool } from './ops/pool.js';
import { relu, relu6 } from './ops/relu.js';
import { split } from './ops/split.js';

const registry: { readonly [K in Node['op']]: OpSpec<Extract<Node, { op: K }>> } = {
  conv,
  'depthwise-conv': depthwiseConv,
  'batch-norm': batchNorm,
  relu,
  relu6,
  add,
  concat,
  split,
  'channel-shuffle': channelShuffle,
  'max-pool': maxPool,
  'avg-pool': avgPool,
  'global-avg-pool': globalAvgPool,
  dense,
};

/** Names of all ops. */
export const opKinds: readonly Node['op'][] = Object.keys(registry) as Node['op'][];

/** What the node's op answers. */
export function specOf<N extends Node>(node: N): OpSpec<N> {
  return registry[node.op] as unknown as OpSpec<N>;
}

/** The op of that name, for names that come from outside. */
export function findOp(kind: string): OpSpec<Node> | undefined {
  return Object.hasOwn(registry, kind) ? (registry as unknown as Readonly<Record<string, OpSpec<Node>>>)[kind] : undefined;
}
