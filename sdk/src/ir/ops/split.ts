import { z } from 'zod';
import { ArchitectureError } from '../../core/errors.js';
import { channelsOf, type NodeBase, withChannels } from '../node.js';
import { countField, nodeFields } from '../node-schema.js';
import type { OpSpec } from '../op-spec.js';

/** One of `parts` equal runs of channels: part 0 is the first. */
export interface SplitNode extends NodeBase {
  readonly op: 'split';
  readonly parts: number;
  readonly part: number;
}

export const split: OpSpec<SplitNode> = {
  kind: 'split',
  schema: z.strictObject({ ...nodeFields, op: z.literal('split'), parts: countField, part: z.int().nonnegative() }),
  arity: { least: 1, most: 1 },
  outputShape(node, [input = []]) {
    const channels = channelsOf(input);
    if (channels % node.parts !== 0 || node.part >= node.parts) {
      throw new ArchitectureError(
        `Node "${node.id}" takes part ${node.part} of ${node.parts} of ${channels} channels. The parts must be equal, and count from 0.`,
      );
    }
    return withChannels(input, channels / node.parts);
  },
  countParams: () => 0,
  countPrunable: () => 0,
  countMacs: () => 0,
  couples: (node, [input = []], table) => table.cutEqually(input, node.parts)[node.part] ?? [],
  reads(node, [input = []]) {
    const first = (node.part * channelsOf(input)) / node.parts;
    return (channel) => [first + channel];
  },
  lower(node, inputs, builder) {
    const channels = channelsOf(inputs[0]?.shape ?? []);
    const sizes = Array<number>(node.parts).fill(channels / node.parts);
    return builder.emitAll('split', inputs, { sizes })[node.part] as (typeof inputs)[number];
  },
};
