import { z } from 'zod';
import { ArchitectureError } from '../../core/errors.js';
import { channelsOf, type NodeBase } from '../node.js';
import { countField, nodeFields } from '../node-schema.js';
import type { OpSpec } from '../op-spec.js';

/** Fully connected, on a vector. Kernel [in, out]. */
export interface DenseNode extends NodeBase {
  readonly op: 'dense';
  readonly outChannels: number;
  readonly bias: boolean;
}

export const dense: OpSpec<DenseNode> = {
  kind: 'dense',
  schema: z.strictObject({ ...nodeFields, op: z.literal('dense'), outChannels: countField, bias: z.boolean() }),
  arity: { least: 1, most: 1 },
  outputShape(node, [input = []]) {
    if (input.length !== 1) {
      throw new ArchitectureError(`Node "${node.id}" is dense, but its input is ${input.join('x')}. Put a global-avg-pool before it.`);
    }
    return [node.outChannels];
  },
  countParams: (node, [input = []]) => (channelsOf(input) + (node.bias ? 1 : 0)) * node.outChannels,
  countPrunable: (node, [input = []]) => channelsOf(input) * node.outChannels,
  countMacs: (node, [input = []]) => channelsOf(input) * node.outChannels,
  couples: (node, _inputs, table) => table.fresh(node.id, node.outChannels),
  reads(_node, [input = []]) {
    const all = Array.from({ length: channelsOf(input) }, (_, channel) => channel);
    return () => all;
  },
  withWidth: (node, outChannels) => ({ ...node, outChannels }),
  lower(node, [x], builder) {
    const fanIn = channelsOf(x?.shape ?? []);
    const initializer = { kind: 'fan-in-uniform', fanIn } as const;
    const kernel = builder.variable({ name: `${node.id}/kernel`, shape: [fanIn, node.outChannels], role: 'kernel', initializer });
    const y = builder.emit('matmul', [x as typeof kernel, kernel], { transposeA: false, transposeB: false });
    if (!node.bias) return y;
    const bias = builder.variable({ name: `${node.id}/bias`, shape: [node.outChannels], role: 'bias', initializer: { kind: 'zeros' } });
    return builder.emit('add', [y, bias], {});
  },
};
