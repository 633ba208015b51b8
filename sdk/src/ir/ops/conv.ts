import { z } from 'zod';
import { ArchitectureError } from '../../core/errors.js';
import { type Padding, padsOf, slide, windowFields } from '../geometry.js';
import { channelsOf, type NodeBase, type Shape, sizeOf } from '../node.js';
import { countField, nodeFields } from '../node-schema.js';
import type { OpSpec } from '../op-spec.js';

/** Convolution in `groups` groups, each from inC / groups to outChannels / groups channels. Kernel [kh, kw, inC / groups, outC]. */
export interface ConvNode extends NodeBase {
  readonly op: 'conv';
  readonly outChannels: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
  readonly groups: number;
  readonly bias: boolean;
  /** Name for the width group of the output, where the id would say less: `stage1`. */
  readonly group?: string | undefined;
}

export const conv: OpSpec<ConvNode> = {
  kind: 'conv',
  schema: z.strictObject({
    ...nodeFields,
    ...windowFields,
    op: z.literal('conv'),
    outChannels: countField,
    groups: countField,
    bias: z.boolean(),
    group: z.string().optional(),
  }),
  arity: { least: 1, most: 1 },
  outputShape(node, [input = []]) {
    const [height = 0, width = 0, channels = 0] = input;
    if (channels % node.groups !== 0 || node.outChannels % node.groups !== 0) {
      throw new ArchitectureError(
        `Node "${node.id}" has ${node.groups} groups, but ${channels} input and ${node.outChannels} output channels. Both must be multiples of the groups.`,
      );
    }
    return [...slide(node.id, node, height, width), node.outChannels];
  },
  countParams: (node, inputs) => sizeOf(kernelShape(node, inputs)) + (node.bias ? node.outChannels : 0),
  countPrunable: (node, inputs) => sizeOf(kernelShape(node, inputs)),
  countMacs(node, inputs) {
    const [height = 0, width = 0] = conv.outputShape(node, inputs);
    return height * width * sizeOf(kernelShape(node, inputs));
  },
  couples(node, [input = []], table) {
    const output = table.fresh(node.group ?? node.id, node.outChannels);
    if (node.groups > 1) {
      table.keepMultiple(input, node.groups);
      table.keepMultiple(output, node.groups);
    }
    return output;
  },
  reads(node, [input = []]) {
    const size = channelsOf(input) / node.groups;
    const groups = Array.from({ length: node.groups }, (_, group) => Array.from({ length: size }, (_, place) => group * size + place));
    return (channel) => groups[Math.floor((channel * node.groups) / node.outChannels)] ?? [];
  },
  withWidth: (node, outChannels) => ({ ...node, outChannels }),
  lower(node, [x], builder) {
    if (!x) throw new ArchitectureError(`Node "${node.id}" has no input.`);
    const image = x.shape.slice(1);
    const shape = kernelShape(node, [image]);
    const attributes = { strides: node.strides, pads: padsOf(node, image[0] ?? 0, image[1] ?? 0) };
    const kernel = builder.variable({
      name: `${node.id}/kernel`,
      shape,
      role: 'kernel',
      initializer: { kind: 'he-normal', fanIn: sizeOf(shape.slice(0, 3)) },
    });
    const y = convolveGroups();
    if (!node.bias) return y;
    const bias = builder.variable({ name: `${node.id}/bias`, shape: [node.outChannels], role: 'bias', initializer: { kind: 'zeros' } });
    return builder.emit('add', [y, bias], {});

    // TensorFlow has no gradient of a grouped convolution on CPUs, so the groups are told apart here.
    function convolveGroups(): typeof kernel {
      if (!x || node.groups === 1) return builder.emit('conv2d', [x as typeof kernel, kernel], attributes);
      const equal = (total: number): number[] => Array<number>(node.groups).fill(total / node.groups);
      const inputs = builder.emitAll('split', [x], { sizes: equal(channelsOf(image)) });
      const kernels = builder.emitAll('split', [kernel], { sizes: equal(node.outChannels) });
      const outputs = inputs.map((part, group) => builder.emit('conv2d', [part, kernels[group] as typeof kernel], attributes));
      return builder.emit('concat', outputs, {});
    }
  },
};

function kernelShape(node: ConvNode, [input = []]: readonly Shape[]): Shape {
  return [...node.kernel, channelsOf(input) / node.groups, node.outChannels]; // [kh, kw, inC / groups, outC]
}
