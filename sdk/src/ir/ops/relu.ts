import { z } from 'zod';
import type { NodeBase } from '../node.js';
import { nodeFields } from '../node-schema.js';
import type { OpSpec } from '../op-spec.js';

/** max(x, 0). */
export interface ReluNode extends NodeBase {
  readonly op: 'relu';
}

/** min(max(x, 0), 6). */
export interface Relu6Node extends NodeBase {
  readonly op: 'relu6';
}

export const relu: OpSpec<ReluNode> = createActivation('relu');
export const relu6: OpSpec<Relu6Node> = createActivation('relu6');

function createActivation<K extends 'relu' | 'relu6'>(kind: K): OpSpec<NodeBase & { readonly op: K }> {
  return {
    kind,
    schema: z.strictObject({ ...nodeFields, op: z.literal(kind) }) as unknown as z.ZodType<NodeBase & { readonly op: K }>,
    arity: { least: 1, most: 1 },
    outputShape: (_node, [input = []]) => input,
    countParams: () => 0,
    countPrunable: () => 0,
    countMacs: () => 0,
    couples: (_node, [input = []]) => input,
    reads: () => (channel) => [channel],
    lower: (_node, inputs, builder) => builder.emit(kind, inputs, {} as never),
  };
}
