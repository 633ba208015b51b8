import { z } from 'zod';
import { ModelFileError } from '../../core/errors.js';
import { channelsOf } from '../../ir/node.js';
import { activate, activationField } from './activation.js';
import { batchNormParts } from './layer.js';
import { describeLayer, expectForm, inputOf, type LayerCall, type ReadLayer, type Value } from './network-builder.js';
import { configOf, takeBias } from './window-layers.js';

const side = z.int().positive();
const axis = z.union([z.int(), z.tuple([z.int()]).transform(([only]) => only)]);
const batchNorm = z.object({
  axis: axis.default(-1),
  epsilon: z.number().positive().default(1e-3),
  momentum: z.number().min(0).max(1).default(0.99),
  center: z.boolean().default(true),
  scale: z.boolean().default(true),
});
const zero = z.literal(0).nullish();
const relu = z.object({ max_value: z.literal(6).nullish(), negative_slope: zero, threshold: zero });
const activation = z.object({ activation: activationField });
const softmax = z.object({ axis: axis.default(-1) });
const concatenate = z.object({ axis: z.int().default(-1) });
const globalPool = z.object({ data_format: z.literal('channels_last').nullish(), keepdims: z.boolean().nullish() });
const dense = z.object({ units: side, activation: activationField, use_bias: z.boolean().default(true) });

/** Layers that slide no window and move no values. */
export const plainLayers: Readonly<Record<string, ReadLayer>> = {
  BatchNormalization(call) {
    const { epsilon, momentum, center, scale, ...config } = configOf(batchNorm, call);
    const value = inputOf(call, 'plain', 'pixel');
    checkAxis(call, value, config.axis);
    const size = channelsOf(value.shape);
    // From the last to the first: the moving averages, which are always there, prove that there are so many channels.
    const parts = [...batchNormParts].toReversed().map(([part, ours]): [string, Float32Array] => {
      const isConstant = (part === 'gamma' && !scale) || (part === 'beta' && !center);
      const constant = part === 'gamma' ? 1 : 0;
      return [ours, isConstant ? new Float32Array(size).fill(constant) : call.builder.take(call.layer.name, part, [size])];
    });
    const node = { id: call.id, op: 'batch-norm', inputs: [value.id], epsilon, momentum } as const;
    return { ...call.builder.emit(node, Object.fromEntries(parts)), form: value.form };
  },
  ReLU: (call) => activate(call, inputOf(call, 'plain', 'pixel'), configOf(relu, call).max_value === 6 ? 'relu6' : 'relu'),
  Activation: (call) => activate(call, inputOf(call, 'plain', 'pixel'), configOf(activation, call).activation),
  Softmax(call) {
    const value = inputOf(call, 'plain', 'pixel');
    checkAxis(call, value, configOf(softmax, call).axis);
    return activate(call, value, 'softmax');
  },
  Dropout: passOn,
  SpatialDropout2D: passOn,
  Add(call) {
    const { builder, id } = call;
    const [first, ...others] = readAll(call);
    let sum = first as Value;
    for (const [index, other] of others.entries()) {
      const isLast = index === others.length - 1;
      const node = { id: isLast ? id : builder.freshId(`${id}.part${index + 1}`), op: 'add', inputs: [sum.id, other.id] } as const;
      sum = { ...builder.emit(node), form: sum.form };
    }
    return sum;
  },
  Concatenate(call) {
    const values = readAll(call);
    const [first] = values as [Value, ...Value[]];
    checkAxis(call, first, configOf(concatenate, call).axis);
    const node = { id: call.id, op: 'concat', inputs: values.map(({ id }) => id) } as const;
    return { ...call.builder.emit(node), form: first.form };
  },
  GlobalAveragePooling2D(call) {
    const { keepdims } = configOf(globalPool, call);
    const value = inputOf(call, 'plain', 'pixel');
    const isVector = value.shape.length === 1;
    const output = isVector ? value : call.builder.emit({ id: call.id, op: 'global-avg-pool', inputs: [value.id] });
    return { ...output, form: { kind: keepdims ? 'pixel' : 'plain' } };
  },
  Dense(call) {
    const { units: outChannels, use_bias: bias, activation } = configOf(dense, call);
    const { builder, id, layer } = call;
    const value = inputOf(call, 'plain', 'pixel', 'flat');
    const { shape, form } = value;
    if (form.kind === 'flat') return readOnFlat(call, value, outChannels, bias, activation);
    const kernel = builder.take(layer.name, 'kernel', [channelsOf(shape), outChannels]);
    const node = { id, op: 'dense', inputs: [value.id], outChannels, bias } as const;
    return activate(call, { ...builder.emit(node, { kernel, ...takeBias(call, bias, outChannels) }), form }, activation);
  },
};

/** Dense on a flattened image: a convolution as large as the image, with the same kernel in memory, whose one pixel becomes a vector. */
function readOnFlat(
  call: LayerCall,
  { id: input, shape }: Value,
  outChannels: number,
  bias: boolean,
  activation: z.infer<typeof activationField>,
): Value {
  const [height = 0, width = 0, channels = 0] = shape;
  const { builder, id, layer } = call;
  const kernel = builder.take(layer.name, 'kernel', [height * width * channels, outChannels]);
  const window = { kernel: [height, width], strides: [1, 1], padding: 'valid' } as const;
  const node = { id, op: 'conv', inputs: [input], outChannels, ...window, groups: 1, bias } as const;
  const pixel = builder.emit(node, { kernel, ...takeBias(call, bias, outChannels) });
  const vector = builder.emit({ id: builder.freshId(`${id}.pool`), op: 'global-avg-pool', inputs: [pixel.id] });
  return activate(call, vector, activation);
}

/** Layers that do nothing once trained. */
function passOn({ layer, inputs }: LayerCall): Value {
  const [value, ...others] = inputs;
  if (value && others.length === 0) return value;
  throw new ModelFileError(`${describeLayer(layer)} reads ${inputs.length} layers, but must read one.`);
}

/** Two inputs or more, all of the first one's form. */
function readAll({ layer, inputs }: LayerCall): readonly Value[] {
  const [first, ...others] = inputs;
  if (!first || others.length === 0) throw new ModelFileError(`${describeLayer(layer)} reads ${inputs.length} layers, but must read two.`);
  expectForm(layer, first, 'plain', 'pixel');
  for (const value of others) expectForm(layer, value, first.form.kind);
  return inputs;
}

/** @throws ModelFileError for an axis that is not the channels. */
function checkAxis({ layer }: LayerCall, { shape, form }: Value, axis: number): void {
  const last = form.kind === 'pixel' ? 3 : shape.length;
  if (axis !== -1 && axis !== last) throw new ModelFileError(`${describeLayer(layer)} works on axis ${axis}, but must on the last one.`);
}
