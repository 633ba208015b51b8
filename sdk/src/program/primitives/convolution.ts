import type { ConvAttributes, PrimitiveKind, Value } from '../../ir/lowering.js';
import { at, float32, type Primitive, type PrimitiveTable, type ValueType } from '../primitive.js';

type Convolution = 'conv2d' | 'depthwiseConv2d';
type Kinds = Convolution | `${Convolution}BackpropInput` | `${Convolution}BackpropFilter`;

/** conv2d and depthwiseConv2d. Both are linear in the image and in the kernel, so their gradients are each other's transposes. */
export const convolution: PrimitiveTable<Kinds> = {
  ...createConvolution('conv2d', (kernel) => kernel[3] ?? 0),
  ...createConvolution('depthwiseConv2d', (kernel) => kernel[2] ?? 0),
} as PrimitiveTable<Kinds>;

function createConvolution<C extends Convolution>(
  kind: C,
  outChannels: (kernel: readonly number[]) => number,
): Partial<PrimitiveTable<Kinds>> {
  const toInput = `${kind}BackpropInput` as const;
  const toFilter = `${kind}BackpropFilter` as const;
  const window = ({ strides, pads }: ConvAttributes): ConvAttributes => ({ strides, pads });

  const forward: Primitive<'conv2d'> = {
    outputs: (inputs, attributes) => [convolvedShape(at(inputs, 0), at(inputs, 1), attributes, outChannels)],
    gradient({ emit, inputs, attributes, upstream, wanted }) {
      const [x, w, dy] = [at(inputs, 0), at(inputs, 1), at(upstream, 0)];
      return [
        wanted[0] ? emit(toInput, [w, dy], { ...attributes, inputShape: x.shape }) : undefined,
        wanted[1] ? emit(toFilter, [x, dy], { ...attributes, filterShape: w.shape }) : undefined,
      ];
    },
  };
  const backpropInput: Primitive<'conv2dBackpropInput'> = {
    outputs: (_inputs, { inputShape }) => [float32(...inputShape)],
    gradient({ emit, inputs, attributes, upstream, wanted }) {
      const [w, dy, u] = [at(inputs, 0), at(inputs, 1), at(upstream, 0)];
      return [
        wanted[0] ? emit(toFilter, [u, dy], { ...window(attributes), filterShape: w.shape }) : undefined,
        wanted[1] ? emit(kind, [u, w], window(attributes)) : undefined,
      ];
    },
  };
  const backpropFilter: Primitive<'conv2dBackpropFilter'> = {
    outputs: (_inputs, { filterShape }) => [float32(...filterShape)],
    gradient({ emit, inputs, attributes, upstream, wanted }) {
      const [x, dy, u] = [at(inputs, 0), at(inputs, 1), at(upstream, 0)];
      return [
        wanted[0] ? emit(toInput, [u, dy], { ...window(attributes), inputShape: x.shape }) : undefined,
        wanted[1] ? emit(kind, [x, u], window(attributes)) : undefined,
      ];
    },
  };
  return { [kind]: forward, [toInput]: backpropInput, [toFilter]: backpropFilter } satisfies Partial<Record<PrimitiveKind, unknown>>;
}

function convolvedShape(x: Value, w: Value, attributes: ConvAttributes, outChannels: (kernel: readonly number[]) => number): ValueType {
  const [batch = -1, height = 0, width = 0] = x.shape;
  const [kernelHeight = 1, kernelWidth = 1] = w.shape;
  const [top, bottom, left, right] = attributes.pads;
  return float32(
    batch,
    Math.floor((height + top + bottom - kernelHeight) / attributes.strides[0]) + 1,
    Math.floor((width + left + right - kernelWidth) / attributes.strides[1]) + 1,
    outChannels(w.shape),
  );
}
