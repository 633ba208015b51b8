import { z } from 'zod';
import { ArchitectureError } from '../../core/errors.js';
import { channelsOf, type NodeBase } from '../node.js';
import { nodeFields } from '../node-schema.js';
import type { OpSpec } from '../op-spec.js';

/** Elementwise sum: the end of a residual block. */
export interface AddNode extends NodeBase {
  readonly op: 'add';
}

export const add: OpSpec<AddNode> = {
  kind: 'add',
  schema: z.strictObject({ ...nodeFields, op: z.literal('add') }),
  arity: { least: 2, most: 2 },
  outputShape(node, [a = [], b = []]) {
    if (a.join() !== b.join()) {
      throw new ArchitectureError(
        `Node "${node.id}" adds shapes ${a.join('x')} and ${b.join('x')}. Both must be equal; put a projection on the narrower branch.`,
      );
    }
    return a;
  },
  countParams: () => 0,
  countPrunable: () => 0,
  countMacs: () => 0,
  couples(_node, [a = [], b = []], table) {
    table.tie(a, b);
    return a;
  },
  reads:
    (_node, [a = []]) =>
    (channel) => [channel, channelsOf(a) + channel],
  lower: (_node, inputs, builder) => builder.emit('add', inputs, {}),
};
