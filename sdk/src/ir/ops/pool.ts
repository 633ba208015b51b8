import { z } from 'zod';
import { type Padding, padsOf, slide, windowFields } from '../geometry.js';
import { channelsOf, type NodeBase } from '../node.js';
import { nodeFields } from '../node-schema.js';
import type { OpSpec } from '../op-spec.js';

interface PoolNode<K extends string> extends NodeBase {
  readonly op: K;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
}

/** Maximum of a window; padding never wins. */
export type MaxPoolNode = PoolNode<'max-pool'>;

/** Mean of a window; padding is not counted. */
export type AvgPoolNode = PoolNode<'avg-pool'>;

export const maxPool: OpSpec<MaxPoolNode> = createPool('max-pool', 'maxPool');
export const avgPool: OpSpec<AvgPoolNode> = createPool('avg-pool', 'avgPool');

function createPool<K extends string>(kind: K, primitive: 'maxPool' | 'avgPool'): OpSpec<PoolNode<K>> {
  return {
    kind,
    schema: z.strictObject({ ...nodeFields, ...windowFields, op: z.literal(kind) }) as unknown as z.ZodType<PoolNode<K>>,
    arity: { least: 1, most: 1 },
    outputShape: (node, [input = []]) => [...slide(node.id, node, input[0] ?? 0, input[1] ?? 0), channelsOf(input)],
    countParams: () => 0,
    countPrunable: () => 0,
    countMacs: () => 0,
    couples: (_node, [input = []]) => input,
    reads: () => (channel) => [channel],
    lower(node, inputs, builder) {
      const [, height = 0, width = 0] = inputs[0]?.shape ?? [];
      return builder.emit(primitive, inputs, { window: node.kernel, strides: node.strides, pads: padsOf(node, height, width) });
    },
  };
}
