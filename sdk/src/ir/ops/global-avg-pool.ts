import { z } from 'zod';
import { channelsOf, type NodeBase } from '../node.js';
import { nodeFields } from '../node-schema.js';
import type { OpSpec } from '../op-spec.js';

/** Mean over height and width: [h, w, c] becomes [c]. */
export interface GlobalAvgPoolNode extends NodeBase {
  readonly op: 'global-avg-pool';
}

export const globalAvgPool: OpSpec<GlobalAvgPoolNode> = {
  kind: 'global-avg-pool',
  schema: z.strictObject({ ...nodeFields, op: z.literal('global-avg-pool') }),
  arity: { least: 1, most: 1 },
  outputShape: (_node, [input = []]) => [channelsOf(input)],
  countParams: () => 0,
  countPrunable: () => 0,
  countMacs: () => 0,
  couples: (_node, [input = []]) => input,
  reads: () => (channel) => [channel],
  lower: (_node, inputs, builder) => builder.emit('reduceMean', inputs, { axes: [1, 2] }),
};
