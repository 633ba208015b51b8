import { BackendError } from '../core/errors.js';
import { type Pads, padsOf } from '../ir/geometry.js';
import type { PrimitiveAttributes, WindowPrimitiveKind } from '../ir/lowering.js';
import { type AttrValue, attr } from './graph-proto.js';
import { float, type GraphWriter, indexed } from './graph-writer.js';
import { type Kernel, type KernelInput, one } from './kernel.js';

/** The primitives that slide a window. */
export const windowKernels: { readonly [K in WindowPrimitiveKind]: Kernel<PrimitiveAttributes[K]> } = {
  conv2d: convolve('Conv2D'),
  conv2dBackpropInput: backpropInput('Conv2DBackpropInput'),
  conv2dBackpropFilter: backpropFilter('Conv2DBackpropFilter'),
  ...depthwiseKernels(),

  maxPool: ({ graph, inputs, tensors, attributes }) =>
    one(graph.node('MaxPool', tensors, poolAttributes(inputs[0]?.shape ?? [], attributes))),
  maxPoolGrad: ({ graph, inputs, tensors, attributes }) =>
    one(graph.node('MaxPoolGrad', tensors, poolAttributes(inputs[0]?.shape ?? [], attributes))),
  avgPool: ({ graph, inputs, tensors, attributes }) =>
    one(graph.node('AvgPool', tensors, withoutExplicit(poolAttributes(inputs[0]?.shape ?? [], attributes)))),
  avgPoolGrad: ({ graph, tensors, attributes, shapeTensor }) =>
    one(
      graph.node(
        'AvgPoolGrad',
        [shapeTensor(attributes.inputShape), ...tensors],
        withoutExplicit(poolAttributes(attributes.inputShape, attributes)),
      ),
    ),
};

// TensorFlow 2.21 ends the process where it infers the shape of a depthwise convolution with explicit padding, so such images are padded first.
function depthwiseKernels(): {
  readonly [K in Extract<WindowPrimitiveKind, `depthwise${string}`>]: Kernel<PrimitiveAttributes[K]>;
} {
  const forward = convolve('DepthwiseConv2dNative');
  const input = backpropInput('DepthwiseConv2dNativeBackpropInput');
  const filter = backpropFilter('DepthwiseConv2dNativeBackpropFilter');
  return {
    depthwiseConv2d(at) {
      const kernel = at.inputs[1]?.shape ?? [];
      return isExplicit(at.inputs[0]?.shape ?? [], kernel, at.attributes) ? forward(withPaddedImage(at)) : forward(at);
    },
    depthwiseConv2dBackpropFilter(at) {
      return isExplicit(at.inputs[0]?.shape ?? [], at.attributes.filterShape, at.attributes) ? filter(withPaddedImage(at)) : filter(at);
    },
    depthwiseConv2dBackpropInput(at) {
      const { inputShape, pads } = at.attributes;
      if (!isExplicit(inputShape, at.inputs[0]?.shape ?? [], at.attributes)) return input(at);
      const [dx = ''] = input({ ...at, attributes: { ...at.attributes, inputShape: padShape(inputShape, pads), pads: noPads } });
      const corner = at.graph.constant([0, pads[0], pads[2], 0], [4], 'int32');
      const size = at.graph.constant([-1, ...inputShape.slice(1)], [4], 'int32'); // -1: all images
      return one(at.graph.node('Slice', [dx, corner, size], indexed('Index')));
    },
  };
}

const noPads: Pads = [0, 0, 0, 0];

function withPaddedImage<A extends PrimitiveAttributes['conv2d']>(at: KernelInput<A>): KernelInput<A> {
  const { graph, inputs, tensors, attributes } = at;
  const [image, ...others] = inputs;
  const [top, bottom, left, right] = attributes.pads;
  const paddings = graph.constant([0, 0, top, bottom, left, right, 0, 0], [4, 2], 'int32');
  const padded = graph.node('Pad', [tensors[0] ?? '', paddings], indexed('Tpaddings'));
  return {
    ...at,
    inputs: [{ ...(image as NonNullable<typeof image>), shape: padShape(image?.shape ?? [], attributes.pads) }, ...others],
    tensors: [`${padded}:0`, ...tensors.slice(1)],
    attributes: { ...attributes, pads: noPads },
  };
}

function padShape([batch = -1, height = 0, width = 0, channels = 0]: readonly number[], pads: Pads): readonly number[] {
  return [batch, height + pads[0] + pads[1], width + pads[2] + pads[3], channels];
}

function isExplicit(input: readonly number[], kernel: readonly number[], { strides, pads }: PrimitiveAttributes['conv2d']): boolean {
  return 'explicit_paddings' in paddingAttributes(input, [kernel[0] ?? 1, kernel[1] ?? 1], strides, pads);
}

function convolve(op: string): Kernel<PrimitiveAttributes['conv2d']> {
  return ({ graph, inputs, tensors, attributes }) =>
    one(graph.node(op, tensors, convAttributes(inputs[0]?.shape ?? [], inputs[1]?.shape ?? [], attributes)));
}

function backpropInput(op: string): Kernel<PrimitiveAttributes['conv2dBackpropInput']> {
  return ({ graph, inputs, tensors, attributes, shapeTensor }) =>
    one(
      graph.node(
        op,
        [shapeTensor(attributes.inputShape), ...tensors],
        convAttributes(attributes.inputShape, inputs[0]?.shape ?? [], attributes),
      ),
    );
}

function backpropFilter(op: string): Kernel<PrimitiveAttributes['conv2dBackpropFilter']> {
  return ({ graph, inputs, tensors: [x = '', dy = ''], attributes, shapeTensor }) => {
    const [kernelHeight, kernelWidth] = attributes.filterShape;
    const { strides, pads } = attributes;
    const shape = inputs[0]?.shape ?? [];
    const isPointwise = kernelHeight === 1 && kernelWidth === 1 && pads.every((pad) => pad === 0);
    if (!isPointwise || strides.every((stride) => stride === 1)) {
      return one(graph.node(op, [x, shapeTensor(attributes.filterShape), dy], convAttributes(shape, attributes.filterShape, attributes)));
    }
    // oneDNN's kernel for strided 1x1 filters writes past its memory at a batch of 1 (seen in TensorFlow 2.21 with AVX-512), so the pixels
    // that the stride skips are dropped first.
    const picked = `${pickStrided(graph, x, strides)}:0`;
    const unit = convAttributes(shape, attributes.filterShape, { strides: [1, 1], pads });
    return one(graph.node(op, [picked, shapeTensor(attributes.filterShape), dy], unit));
  };
}

function pickStrided(graph: GraphWriter, x: string, [height, width]: readonly [number, number]): string {
  const corners = graph.constant([0, 0, 0, 0], [4], 'int32');
  const steps = graph.constant([1, height, width, 1], [4], 'int32');
  return graph.node('StridedSlice', [x, corners, corners, steps], {
    ...indexed('Index'),
    begin_mask: attr.int(15),
    end_mask: attr.int(15),
  });
}

function convAttributes(
  input: readonly number[],
  kernel: readonly number[],
  { strides, pads }: PrimitiveAttributes['conv2d'],
): Readonly<Record<string, AttrValue>> {
  return { ...float, ...paddingAttributes(input, [kernel[0] ?? 1, kernel[1] ?? 1], strides, pads), strides: attr.ints([1, ...strides, 1]) };
}

function poolAttributes(
  input: readonly number[],
  { window, strides, pads }: PrimitiveAttributes['maxPool'],
): Readonly<Record<string, AttrValue>> {
  const padding = paddingAttributes(input, window, strides, pads);
  return { ...float, ...padding, ksize: attr.ints([1, ...window, 1]), strides: attr.ints([1, ...strides, 1]) };
}

function paddingAttributes(
  input: readonly number[],
  kernel: readonly [number, number],
  strides: readonly [number, number],
  pads: Pads,
): Readonly<Record<string, AttrValue>> {
  const format = { data_format: attr.text('NHWC') };
  if (pads.every((pad) => pad === 0)) return { ...format, padding: attr.text('VALID') };
  const same = padsOf({ kernel, strides, padding: 'same' }, input[1] ?? 0, input[2] ?? 0);
  if (pads.join() === same.join()) return { ...format, padding: attr.text('SAME') };
  return { ...format, padding: attr.text('EXPLICIT'), explicit_paddings: attr.ints([0, 0, ...pads, 0, 0]) };
}

function withoutExplicit(attributes: Readonly<Record<string, AttrValue>>): Readonly<Record<string, AttrValue>> {
  if (attributes['explicit_paddings']) {
    throw new BackendError('TensorFlow has no average pooling with explicit padding. Use padding "same" or "valid".');
  }
  return attributes;
}
