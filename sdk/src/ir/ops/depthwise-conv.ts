import { z } from 'zod';
import { type Padding, padsOf, slide, windowFields } from '../geometry.js';
import { channelsOf, type NodeBase, sizeOf } from '../node.js';
import { nodeFields } from '../node-schema.js';
import type { OpSpec } from '../op-spec.js';

/** One filter a channel; the width is the input's. Kernel [kh, kw, c, 1]. */
export interface DepthwiseConvNode extends NodeBase {
  readonly op: 'depthwise-conv';
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
  readonly bias: boolean;
}

export const depthwiseConv: OpSpec<DepthwiseConvNode> = {
  kind: 'depthwise-conv',
  schema: z.strictObject({ ...nodeFields, ...windowFields, op: z.literal('depthwise-conv'), bias: z.boolean() }),
  arity: { least: 1, most: 1 },
  outputShape: (node, [input = []]) => [...slide(node.id, node, input[0] ?? 0, input[1] ?? 0), channelsOf(input)],
  countParams: (node, [input = []]) => channelsOf(input) * (sizeOf(node.kernel) + (node.bias ? 1 : 0)),
  countPrunable: (node, [input = []]) => channelsOf(input) * sizeOf(node.kernel),
  countMacs: (node, inputs) => sizeOf(depthwiseConv.outputShape(node, inputs)) * sizeOf(node.kernel),
  couples: (_node, [input = []]) => input,
  reads: () => (channel) => [channel],
  lower(node, [x], builder) {
    const [height = 0, width = 0, channels = 0] = x?.shape.slice(1) ?? [];
    const kernel = builder.variable({
      name: `${node.id}/kernel`,
      shape: [...node.kernel, channels, 1],
      role: 'kernel',
      initializer: { kind: 'he-normal', fanIn: sizeOf(node.kernel) },
    });
    const y = builder.emit('depthwiseConv2d', [x as typeof kernel, kernel], {
      strides: node.strides,
      pads: padsOf(node, height, width),
    });
    if (!node.bias) return y;
    const bias = builder.variable({ name: `${node.id}/bias`, shape: [channels], role: 'bias', initializer: { kind: 'zeros' } });
    return builder.emit('add', [y, bias], {});
  },
};
