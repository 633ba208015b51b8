import { z } from 'zod';
import { ArchitectureError } from '../../core/errors.js';
import { channelsOf, type NodeBase, withChannels } from '../node.js';
import { nodeFields } from '../node-schema.js';
import type { OpSpec } from '../op-spec.js';

/** The inputs one behind the other along the channels. */
export interface ConcatNode extends NodeBase {
  readonly op: 'concat';
}

export const concat: OpSpec<ConcatNode> = {
  kind: 'concat',
  schema: z.strictObject({ ...nodeFields, op: z.literal('concat') }),
  arity: { least: 2, most: Number.POSITIVE_INFINITY },
  outputShape(node, inputs) {
    const [first = []] = inputs;
    const odd = inputs.find((input) => input.slice(0, -1).join() !== first.slice(0, -1).join());
    if (odd) {
      throw new ArchitectureError(
        `Node "${node.id}" concatenates ${first.join('x')} and ${odd.join('x')}. All inputs must have the same height and width.`,
      );
    }
    return withChannels(
      first,
      inputs.reduce((sum, input) => sum + channelsOf(input), 0),
    );
  },
  countParams: () => 0,
  countPrunable: () => 0,
  countMacs: () => 0,
  couples: (_node, inputs) => inputs.flat(),
  reads: () => (channel) => [channel],
  lower: (_node, inputs, builder) => builder.emit('concat', inputs, {}),
};
