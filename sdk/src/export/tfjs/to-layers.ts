import { ExportError } from '../../core/errors.js';
import type { Node } from '../../ir/architecture.js';
import type { Padding, Window } from '../../ir/geometry.js';
import { channelsOf, type Shape } from '../../ir/node.js';
import { splitKernel } from './kernel-groups.js';
import { batchNormParts, type LayerWeight, mostParts, type WeightedLayer } from './layer.js';
import { toHelperName } from './layer-names.js';
import { namePadding } from './named-padding.js';

/** What stands around a node. */
export interface Surroundings {
  /** The node's name as a layer. */
  readonly name: string;
  /** The layers that it reads. */
  readonly inputs: readonly string[];
  readonly shapes: readonly Shape[];
  /** Whether its first input has no value below 0. */
  readonly nonNegative: boolean;
  /** A weight of the node: `kernel`, [sizes]. */
  readonly weight: (part: string, shape: Shape) => Float32Array;
}

type ToLayers<Op extends Node['op']> = (node: Extract<Node, { op: Op }>, around: Surroundings) => readonly WeightedLayer[];

const plain =
  (className: string, config: Readonly<Record<string, unknown>> = {}) =>
  (_node: Node, { name, inputs }: Surroundings): readonly WeightedLayer[] => [{ name, className, config, inputs }];

const table: { readonly [Op in Node['op']]: ToLayers<Op> } = {
  conv(node, around) {
    const channels = channelsOf(around.shapes[0] ?? []);
    if (node.groups === 1) return withPadding(node, around, (padding, inputs) => [toConv(node, around, padding, inputs)]);
    if (node.groups === channels) {
      // [kh, kw, 1, c · m] lies in memory as [kh, kw, c, m].
      return withPadding(node, around, (padding, inputs) => [toDepthwise(node, around, padding, inputs, node.outChannels / channels)]);
    }
    if (node.groups > mostParts) throw refuse(node, tooMany(node.groups));
    return withPadding(node, around, (padding, inputs) => toGroups(node, around, padding, inputs));
  },
  'depthwise-conv': (node, around) => withPadding(node, around, (padding, inputs) => [toDepthwise(node, around, padding, inputs, 1)]),
  'batch-norm'({ epsilon, momentum }, { name, inputs, shapes, weight }) {
    const shape = [channelsOf(shapes[0] ?? [])];
    const weights = [...batchNormParts].map(([part, ours]) => ({ part, shape, values: weight(ours, shape) }));
    return [{ name, className: 'BatchNormalization', config: { axis: -1, momentum, epsilon }, inputs, weights }];
  },
  relu: plain('ReLU'),
  relu6: plain('ReLU', { max_value: 6 }),
  add: plain('Add'),
  concat: plain('Concatenate', { axis: -1 }),
  split(node, { name, inputs, shapes: [shape = []] }) {
    if (shape.length !== 3) throw refuse(node, 'only channels of images can be cropped, and this is a vector');
    if (node.parts > mostParts) throw refuse(node, tooMany(node.parts));
    const size = channelsOf(shape) / node.parts;
    return [cropChannels(name, inputs, node.part * size, channelsOf(shape) - (node.part + 1) * size)];
  },
  'channel-shuffle'(node, { name, inputs, shapes: [shape = []] }) {
    const [height = 0, width = 0, channels = 0] = shape;
    if (shape.length !== 3) throw refuse(node, 'only channels of images can be shuffled, and this is a vector');
    const [deal, turn] = [toHelperName(name, 'deal'), toHelperName(name, 'turn')];
    const runs = [height * width, node.groups, channels / node.groups];
    return [
      { name: deal, className: 'Reshape', config: { target_shape: runs }, inputs },
      { name: turn, className: 'Permute', config: { dims: [1, 3, 2] }, inputs: [deal] },
      { name, className: 'Reshape', config: { target_shape: shape }, inputs: [turn] },
    ];
  },
  'max-pool': (node, around) => withPadding(node, around, (padding, inputs) => [toPool('MaxPooling2D', node, around, padding, inputs)]),
  'avg-pool': (node, around) => withPadding(node, around, (padding, inputs) => [toPool('AveragePooling2D', node, around, padding, inputs)]),
  'global-avg-pool': plain('GlobalAveragePooling2D', { data_format: 'channels_last' }),
  dense({ outChannels, bias }, around) {
    const { name, inputs, shapes } = around;
    const kernel = toWeight(around, 'kernel', [channelsOf(shapes[0] ?? []), outChannels]);
    const config = { units: outChannels, activation: 'linear', use_bias: bias };
    return [{ name, className: 'Dense', config, inputs, weights: [kernel, ...biasOf(bias, around, outChannels)] }];
  },
};

/** The layers that compute a node, in order; the last has its name. @throws ExportError for what no layer of tfjs computes. */
export function toLayers(node: Node, around: Surroundings): readonly WeightedLayer[] {
  return (table[node.op] as ToLayers<Node['op']>)(node as never, around);
}

type WindowNode = Extract<Node, Window>;
type ConvNode = Extract<Node, { op: 'conv' }>;

/** Layers know two paddings; others are zeros put around the image before. */
function withPadding(
  node: WindowNode,
  { name, inputs, shapes: [shape = []], nonNegative }: Surroundings,
  create: (padding: 'same' | 'valid', inputs: readonly string[]) => readonly WeightedLayer[],
): readonly WeightedLayer[] {
  const named = namePadding(node, shape);
  if (named) return create(named, inputs);
  const [top, bottom, left, right] = node.padding as Exclude<Padding, string>;
  const isPool = node.op === 'max-pool' || node.op === 'avg-pool';
  if (isPool && !(node.op === 'max-pool' && nonNegative)) {
    const cure = node.op === 'max-pool' ? 'padding "same", or a relu before it' : 'padding "same"';
    throw refuse(node, `the zeros of its padding, ${top}, ${bottom}, ${left}, ${right} pixels, would count; give it ${cure}`);
  }
  const pad = toHelperName(name, 'pad');
  const padding = [
    [top, bottom],
    [left, right],
  ];
  const config = { padding, data_format: 'channels_last' };
  return [{ name: pad, className: 'ZeroPadding2D', config, inputs }, ...create('valid', [pad])];
}

function toConv(node: ConvNode, around: Surroundings, padding: string, inputs: readonly string[]): WeightedLayer {
  const { outChannels, kernel: window, bias } = node;
  const kernel = toWeight(around, 'kernel', [...window, channelsOf(around.shapes[0] ?? []), outChannels]);
  const config = { filters: outChannels, ...windowConfig(node, padding), activation: 'linear', use_bias: bias };
  return { name: around.name, className: 'Conv2D', config, inputs, weights: [kernel, ...biasOf(bias, around, outChannels)] };
}

/** `multiplier` filters a channel. */
function toDepthwise(
  node: ConvNode | Extract<Node, { op: 'depthwise-conv' }>,
  around: Surroundings,
  padding: string,
  inputs: readonly string[],
  multiplier: number,
): WeightedLayer {
  const channels = channelsOf(around.shapes[0] ?? []);
  const kernel = { ...toWeight(around, 'kernel', [...node.kernel, channels, multiplier]), part: 'depthwise_kernel' };
  const config = { ...windowConfig(node, padding), depth_multiplier: multiplier, activation: 'linear', use_bias: node.bias };
  const weights = [kernel, ...biasOf(node.bias, around, channels * multiplier)];
  return { name: around.name, className: 'DepthwiseConv2D', config, inputs, weights };
}

/**
 * tfjs has no groups: each is cropped out, convolved and put behind the others. A single convolution with zeros between the groups would
 * cost their number times the weights and the work.
 */
function toGroups(node: ConvNode, around: Surroundings, padding: string, inputs: readonly string[]): readonly WeightedLayer[] {
  const { groups } = node;
  const [inner, outer] = [channelsOf(around.shapes[0] ?? []) / groups, node.outChannels / groups];
  const shape = [...node.kernel, inner, outer];
  const kernels = splitKernel(around.weight('kernel', [...node.kernel, inner, node.outChannels]), groups, outer);
  const [bias] = biasOf(node.bias, around, node.outChannels);
  const config = { filters: outer, ...windowConfig(node, padding), activation: 'linear', use_bias: node.bias };
  const names = kernels.map((_, group) => toHelperName(around.name, `group${group}`));
  const parts = kernels.flatMap((values, group): WeightedLayer[] => {
    const name = names[group] as string;
    const input = toHelperName(name, 'input');
    const own = bias ? [{ ...bias, shape: [outer], values: bias.values.subarray(group * outer, (group + 1) * outer) }] : [];
    const weights = [{ part: 'kernel', shape, values }, ...own];
    return [
      cropChannels(input, inputs, group * inner, (groups - 1 - group) * inner),
      { name, className: 'Conv2D', config, inputs: [input], weights },
    ];
  });
  return [...parts, { name: around.name, className: 'Concatenate', config: { axis: -1 }, inputs: names }];
}

function toPool(
  className: string,
  { kernel, strides }: Window,
  { name }: Surroundings,
  padding: string,
  inputs: readonly string[],
): WeightedLayer {
  return { name, className, config: { pool_size: kernel, strides, padding, data_format: 'channels_last' }, inputs };
}

/**
 * Layers crop height and width alone. But of an image that is said to have its channels first, the last axis is the width: so
 * `channels_first` here crops channels, which no other layer does without multiplying by zeros and ones.
 */
function cropChannels(name: string, inputs: readonly string[], before: number, behind: number): WeightedLayer {
  const cropping = [
    [0, 0],
    [before, behind],
  ];
  return { name, className: 'Cropping2D', config: { cropping, data_format: 'channels_first' }, inputs };
}

function windowConfig({ kernel, strides }: Window, padding: string): Readonly<Record<string, unknown>> {
  return { kernel_size: kernel, strides, padding, data_format: 'channels_last', dilation_rate: [1, 1] };
}

function toWeight({ weight }: Surroundings, part: string, shape: Shape): LayerWeight {
  return { part, shape, values: weight(part, shape) };
}

function biasOf(bias: boolean, around: Surroundings, size: number): LayerWeight[] {
  return bias ? [toWeight(around, 'bias', [size])] : [];
}

const tooMany = (parts: number): string => `at most ${mostParts} parts can be read back, and these are ${parts}`;

function refuse({ id, op }: Node, why: string): ExportError {
  return new ExportError(`A tfjs file cannot hold node "${id}" (${op}): ${why}.`);
}
