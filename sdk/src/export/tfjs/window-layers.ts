import { z } from 'zod';
import { ModelFileError } from '../../core/errors.js';
import type { Padding, Window } from '../../ir/geometry.js';
import { channelsOf } from '../../ir/node.js';
import { type Activation, activate, activationField } from './activation.js';
import { checkJson } from './check-json.js';
import { joinKernels } from './kernel-groups.js';
import { namePadding } from './named-padding.js';
import { describeLayer, inputOf, type LayerCall, type ReadLayer, type Value } from './network-builder.js';

const side = z.int().positive();
const pair = z.union([side.transform((one): readonly [number, number] => [one, one]), z.tuple([side, side]).readonly()]);
const one = z.literal(1);
const windowFields = {
  strides: pair.nullish(),
  padding: z.enum(['valid', 'same']).default('valid'),
  data_format: z.literal('channels_last').nullish(),
};
const convolution = {
  ...windowFields,
  kernel_size: pair,
  dilation_rate: z.union([one, z.tuple([one, one])]).nullish(),
  activation: activationField,
  use_bias: z.boolean().default(true),
};

interface Conv2dConfig {
  readonly kernel_size: readonly [number, number];
  readonly strides?: readonly [number, number] | null | undefined;
  readonly padding: 'valid' | 'same';
  readonly activation?: Activation | null | undefined;
  readonly use_bias: boolean;
  readonly filters: number;
  readonly groups: number;
}
export const conv2d: z.ZodType<Conv2dConfig> = z.object({ ...convolution, filters: side, groups: side.default(1) });
const depthwise = z.object({ ...convolution, depth_multiplier: side.default(1) });
const separable = depthwise.extend({ filters: side });
const pool = z.object({ ...windowFields, pool_size: pair.default([2, 2]) });
const pads = z.int().nonnegative();
const padPair = z.tuple([pads, pads]);
const zeroPadding = z.object({
  padding: z.union([
    pads.transform((all): readonly [[number, number], [number, number]] => [
      [all, all],
      [all, all],
    ]),
    padPair.transform(([y, x]): readonly [[number, number], [number, number]] => [
      [y, y],
      [x, x],
    ]),
    z.tuple([padPair, padPair]),
  ]),
  data_format: z.literal('channels_last').nullish(),
});

/** Layers that slide a window, and the padding before them. */
export const windowLayers: Readonly<Record<string, ReadLayer>> = {
  Conv2D(call) {
    const config = configOf(conv2d, call);
    const value = inputOf(call, 'plain', 'padded', 'pixel');
    if (value.form.kind === 'pixel') return readAsDense(call, value, config);
    const { filters: outChannels, groups, use_bias: bias } = config;
    const names = call.layer.groups ?? [call.layer.name];
    const inner = outChannels / names.length;
    const shape = [...config.kernel_size, channelsOf(value.shape) / groups, inner];
    const kernel = joinKernels(
      names.map((name) => call.builder.take(name, 'kernel', shape)),
      inner,
    );
    const biases = bias ? names.map((name) => call.builder.take(name, 'bias', [inner])) : [];
    const node = { id: call.id, op: 'conv', inputs: [value.id], outChannels, ...windowOf(call, value, config), groups, bias } as const;
    return activate(call, call.builder.emit(node, { kernel, ...(bias ? { bias: joinKernels(biases, inner) } : {}) }), config.activation);
  },
  DepthwiseConv2D(call) {
    const config = configOf(depthwise, call);
    const value = inputOf(call, 'plain', 'padded');
    return activate(call, emitDepthwise(call, value, call.id, config, config.use_bias), config.activation);
  },
  SeparableConv2D(call) {
    const config = configOf(separable, call);
    const { filters: outChannels, use_bias: bias } = config;
    const value = inputOf(call, 'plain', 'padded');
    const middle = emitDepthwise(call, value, call.builder.freshId(`${call.id}.depthwise`), config, false);
    const kernel = call.builder.take(call.layer.name, 'pointwise_kernel', [1, 1, channelsOf(middle.shape), outChannels]);
    const window = { kernel: [1, 1], strides: [1, 1], padding: 'valid' } as const;
    const node = { id: call.id, op: 'conv', inputs: [middle.id], outChannels, ...window, groups: 1, bias } as const;
    return activate(call, call.builder.emit(node, { kernel, ...takeBias(call, bias, outChannels) }), config.activation);
  },
  MaxPooling2D: (call) => readPool(call, 'max-pool'),
  AveragePooling2D: (call) => readPool(call, 'avg-pool'),
  ZeroPadding2D(call) {
    const [[top, bottom], [left, right]] = configOf(zeroPadding, call).padding;
    const value = inputOf(call, 'plain');
    return top + bottom + left + right === 0 ? value : { ...value, form: { kind: 'padded', pads: [top, bottom, left, right] } };
  },
};

/** The layer's configuration. @throws ModelFileError for what PreCrop has no op for. */
export function configOf<T>(schema: z.ZodType<T>, { layer }: Pick<LayerCall, 'layer'>): T {
  return checkJson(schema, layer.config, describeLayer(layer));
}

type WindowConfig = Pick<Conv2dConfig, 'kernel_size' | 'strides' | 'padding'>;

/** Zeros around the image and `valid` are padding of the window's own. */
function windowOf({ layer }: LayerCall, { form, shape }: Value, config: WindowConfig): Window {
  const { kernel_size: kernel, strides } = config;
  const padded = form.kind === 'padded';
  if (padded && config.padding === 'same') throw new ModelFileError(`${describeLayer(layer)} pads an image that is padded already.`);
  const padding: Padding = padded ? form.pads : config.padding;
  const window = { kernel, strides: strides ?? [1, 1], padding };
  return { ...window, padding: namePadding(window, shape) ?? padding };
}

/** A 1x1 convolution on one pixel is a dense layer, and its kernel lies in memory in the same way. */
function readAsDense(
  call: LayerCall,
  value: Value,
  { kernel_size, filters: outChannels, groups, use_bias: bias, activation }: Conv2dConfig,
): Value {
  if (kernel_size.join() !== '1,1' || groups > 1) {
    throw new ModelFileError(`${describeLayer(call.layer)} slides a ${kernel_size.join('x')} window in ${groups} groups over a vector.`);
  }
  const kernel = call.builder.take(call.layer.name, 'kernel', [1, 1, channelsOf(value.shape), outChannels]);
  const node = { id: call.id, op: 'dense', inputs: [value.id], outChannels, bias } as const;
  const output = call.builder.emit(node, { kernel, ...takeBias(call, bias, outChannels) });
  return activate(call, { ...output, form: value.form }, activation);
}

/** Several filters a channel are a convolution with a group a channel: [kh, kw, c, m] lies in memory as [kh, kw, 1, c · m]. */
function emitDepthwise(call: LayerCall, value: Value, id: string, config: z.infer<typeof depthwise>, bias: boolean): Value {
  const { kernel_size, depth_multiplier: multiplier } = config;
  const channels = channelsOf(value.shape);
  const kernel = call.builder.take(call.layer.name, 'depthwise_kernel', [...kernel_size, channels, multiplier]);
  const parts = { kernel, ...takeBias(call, bias, channels * multiplier) };
  const common = { id, inputs: [value.id], ...windowOf(call, value, config), bias };
  if (multiplier === 1) return call.builder.emit({ op: 'depthwise-conv', ...common }, parts);
  return call.builder.emit({ op: 'conv', outChannels: channels * multiplier, groups: channels, ...common }, parts);
}

export function takeBias({ layer, builder }: LayerCall, bias: boolean, size: number): { readonly bias?: Float32Array } {
  return bias ? { bias: builder.take(layer.name, 'bias', [size]) } : {};
}

function readPool(call: LayerCall, op: 'max-pool' | 'avg-pool'): Value {
  const { pool_size, strides, ...rest } = configOf(pool, call);
  const value = inputOf(call, 'plain', 'padded');
  const isPadded = value.form.kind === 'padded';
  if (isPadded && !(op === 'max-pool' && call.builder.isNonNegative(value.id))) {
    throw new ModelFileError(`${describeLayer(call.layer)} counts the zeros of a padding, for which PreCrop has no op.`);
  }
  const window = windowOf(call, value, { ...rest, kernel_size: pool_size, strides: strides ?? pool_size });
  return call.builder.emit({ id: call.id, op, inputs: [value.id], ...window });
}
