import {
  AvgPoolGrad,
  avgPool,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  conv2d,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  depthwiseConv2d,
  engine,
  MaxPoolGrad,
  maxPool,
  mul,
  type NamedAttrMap,
  type Tensor,
  type Tensor4D,
  tensor,
  zeros,
} from '@tensorflow/tfjs-core';
import type { Pads } from '../../ir/geometry.js';
import type { WindowAttributes, WindowPrimitiveKind } from '../../ir/lowering.js';
import { inputAt, type KernelTable, toTfjsPads, withBatch } from './kernel.js';

/**
 * Primitives that slide a window, by tfjs's own kernels; `composed-gradients.ts` takes the place of some. Padding is always explicit,
 * whichever rule it came from.
 */
export const windowKernels: KernelTable<WindowPrimitiveKind> = {
  conv2d: ({ inputs, attributes: { strides, pads } }) => [
    conv2d(inputAt<Tensor4D>(inputs, 0), inputAt<Tensor4D>(inputs, 1), [...strides], toTfjsPads(pads)),
  ],
  conv2dBackpropInput: ({ inputs, attributes, batch }) => [
    runKernel(
      Conv2DBackpropInput,
      { filter: inputs[0], dy: inputs[1] },
      { ...convolve(attributes), inputShape: withBatch(attributes.inputShape, batch) },
    ),
  ],
  conv2dBackpropFilter: ({ inputs, attributes }) => [
    runKernel(Conv2DBackpropFilter, { x: inputs[0], dy: inputs[1] }, { ...convolve(attributes), filterShape: [...attributes.filterShape] }),
  ],
  depthwiseConv2d: ({ inputs, attributes: { strides, pads } }) => [
    depthwiseConv2d(inputAt<Tensor4D>(inputs, 0), inputAt<Tensor4D>(inputs, 1), [...strides], toTfjsPads(pads)),
  ],
  depthwiseConv2dBackpropInput: ({ inputs, attributes, batch }) => [
    runKernel(
      DepthwiseConv2dNativeBackpropInput,
      { filter: inputs[0], dy: inputs[1] },
      { ...convolve(attributes), inputShape: withBatch(attributes.inputShape, batch) },
    ),
  ],
  depthwiseConv2dBackpropFilter: ({ inputs, attributes }) => [
    runKernel(
      DepthwiseConv2dNativeBackpropFilter,
      { x: inputs[0], dy: inputs[1] },
      { ...convolve(attributes), filterShape: [...attributes.filterShape] },
    ),
  ],
  maxPool: ({ inputs, attributes: { window, strides, pads } }) => [
    maxPool(inputAt<Tensor4D>(inputs, 0), [...window], [...strides], toTfjsPads(pads)),
  ],
  maxPoolGrad: ({ inputs: [input, output, dy], attributes }) => [runKernel(MaxPoolGrad, { input, output, dy }, pool(attributes))],
  avgPool: ({ inputs, attributes: { window, strides, pads } }) => [
    avgPool(inputAt<Tensor4D>(inputs, 0), [...window], [...strides], toTfjsPads(pads)),
  ],
  avgPoolGrad({ inputs, attributes, batch }) {
    // The kernel divides by the whole window, though the forward kernel divides by the pixels that are no padding.
    const dy = mul(inputAt(inputs, 0), windowOverCovered(attributes, inputAt(inputs, 0).shape));
    return [runKernel(AvgPoolGrad, { dy, input: zeros(withBatch(attributes.inputShape, batch)) }, pool(attributes))];
  },
};

function runKernel(name: string, inputs: Readonly<Record<string, Tensor | undefined>>, attributes: NamedAttrMap): Tensor {
  return engine().runKernel(name, inputs as Record<string, Tensor>, attributes);
}

function convolve({ strides, pads }: { readonly strides: readonly [number, number]; readonly pads: Pads }): NamedAttrMap {
  return { strides: [...strides], pad: toTfjsPads(pads), dilations: [1, 1], dataFormat: 'NHWC' };
}

function pool({ window, strides, pads }: WindowAttributes): NamedAttrMap {
  return { filterSize: [...window], strides: [...strides], pad: toTfjsPads(pads) };
}

// For each output pixel, the window's size over the number of its pixels that lie inside the image: [1, outH, outW, 1].
function windowOverCovered(
  { window, strides, pads, inputShape }: WindowAttributes & { readonly inputShape: readonly number[] },
  [, outHeight = 0, outWidth = 0]: readonly number[],
): Tensor {
  const covered = (out: number, axis: 0 | 1): number[] =>
    Array.from({ length: out }, (_, index) => {
      const start = index * strides[axis] - pads[(2 * axis) as 0 | 2];
      return Math.min(start + window[axis], inputShape[axis + 1] ?? 0) - Math.max(start, 0);
    });
  const widths = covered(outWidth, 1);
  const ratios = covered(outHeight, 0).flatMap((height) => widths.map((width) => (window[0] * window[1]) / (height * width)));
  return tensor(ratios, [1, outHeight, outWidth, 1]);
}
