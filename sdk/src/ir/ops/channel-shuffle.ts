import { z } from 'zod';
import { ArchitectureError } from '../../core/errors.js';
import { channelsOf, type NodeBase } from '../node.js';
import { countField, nodeFields } from '../node-schema.js';
import type { OpSpec } from '../op-spec.js';

/** Deals the channels of `groups` equal runs out in turn: [a0 a1 b0 b1] becomes [a0 b0 a1 b1]. ShuffleNet, arXiv 1707.01083, fig. 1. */
export interface ChannelShuffleNode extends NodeBase {
  readonly op: 'channel-shuffle';
  readonly groups: number;
}

export const channelShuffle: OpSpec<ChannelShuffleNode> = {
  kind: 'channel-shuffle',
  schema: z.strictObject({ ...nodeFields, op: z.literal('channel-shuffle'), groups: countField }),
  arity: { least: 1, most: 1 },
  outputShape(node, [input = []]) {
    if (channelsOf(input) % node.groups !== 0) {
      throw new ArchitectureError(
        `Node "${node.id}" shuffles ${channelsOf(input)} channels in ${node.groups} groups. The channels must be a multiple of the groups.`,
      );
    }
    return input;
  },
  countParams: () => 0,
  countPrunable: () => 0,
  countMacs: () => 0,
  couples(node, [input = []], table) {
    // Runs that lie inside one free atom stay one atom: a multiple of the groups is enough.
    if (table.leaves(input).length === 1) table.keepMultiple(input, node.groups);
    else table.cutEqually(input, node.groups);
    return input;
  },
  reads(node, [input = []]) {
    const run = channelsOf(input) / node.groups;
    return (channel) => [(channel % node.groups) * run + Math.floor(channel / node.groups)];
  },
  lower(node, [x], builder) {
    const [batch = -1, height = 0, width = 0, channels = 0] = x?.shape ?? [];
    const dealt = builder.emit('reshape', [x as NonNullable<typeof x>], {
      shape: [batch, height, width, node.groups, channels / node.groups],
    });
    const turned = builder.emit('transpose', [dealt], { permutation: [0, 1, 2, 4, 3] });
    return builder.emit('reshape', [turned], { shape: [batch, height, width, channels] });
  },
};
