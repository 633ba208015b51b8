import {
  add,
  cast,
  conv2d,
  depthwiseConv2d,
  lessEqual,
  mul,
  pad,
  reciprocal,
  reshape,
  reverse,
  slice,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  transpose,
} from '@tensorflow/tfjs-core';
import type { PrimitiveAttributes } from '../../ir/lowering.js';
import type { TfjsDevice } from './device.js';
import { inputAt, type KernelTable, type TfjsPads, toTfjsPads, withBatch } from './kernel.js';
import { windowKernels } from './window-kernels.js';

/** Gradients that can be made of other kernels. */
type ComposedKind = `${'conv2d' | 'depthwiseConv2d'}Backprop${'Input' | 'Filter'}` | 'maxPoolGrad';

/** Where that is done: the device has no such kernel, or its own is many times slower or wrong. */
export const composedOn: Readonly<Record<TfjsDevice, readonly ComposedKind[]>> = {
  cpu: ['conv2dBackpropFilter'],
  wasm: ['conv2dBackpropInput', 'conv2dBackpropFilter', 'depthwiseConv2dBackpropInput', 'depthwiseConv2dBackpropFilter', 'maxPoolGrad'],
  webgpu: [],
};

/**
 * Gradients of convolutions, as convolutions. Dumoulin & Visin 2016, arXiv 1603.07285, §4 has those of the image; in those of the kernel,
 * dy is the kernel and the strides are its dilation.
 */
export const composedGradients: KernelTable<ComposedKind> = {
  conv2dBackpropInput({ inputs, attributes, batch }) {
    const flipped = transpose(reverse(inputAt<Tensor4D>(inputs, 0), [0, 1]), [0, 1, 3, 2]); // [kh, kw, outC, inC]
    return [transposeConvolution(inputAt(inputs, 1), flipped, conv2d, attributes, batch)];
  },
  conv2dBackpropFilter({ inputs, attributes: { strides, pads, filterShape } }) {
    // Channels take the place of images, and images that of channels.
    const [x, dy] = [transpose(inputAt<Tensor4D>(inputs, 0), [3, 1, 2, 0]), transpose(inputAt<Tensor4D>(inputs, 1), [1, 2, 0, 3])];
    const [height = 1, width = 1, inChannels = 1, outChannels = 1] = filterShape;
    const dw = conv2d(x, dy, 1, toTfjsPads(pads), 'NHWC', [...strides]); // [inC, >= kh, >= kw, outC]
    return [transpose(slice(dw, [0, 0, 0, 0], [inChannels, height, width, outChannels]), [1, 2, 0, 3])];
  },
  depthwiseConv2dBackpropInput({ inputs, attributes, batch }) {
    const flipped = reverse(inputAt<Tensor4D>(inputs, 0), [0, 1]);
    return [transposeConvolution(inputAt(inputs, 1), flipped, depthwiseConv2d, attributes, batch)];
  },
  depthwiseConv2dBackpropFilter({ inputs, attributes: { strides, pads, filterShape } }) {
    // Every channel of every image is a channel of one image; its results are summed over the images.
    const [x, dy] = [inputAt<Tensor4D>(inputs, 0), inputAt<Tensor4D>(inputs, 1)];
    const [height = 1, width = 1, channels = 1] = filterShape;
    const [batch, inHeight, inWidth] = x.shape;
    const [, outHeight, outWidth] = dy.shape;
    const image = reshape(transpose(x, [1, 2, 0, 3]), [1, inHeight, inWidth, batch * channels]) as Tensor4D;
    const kernel = reshape(transpose(dy, [1, 2, 0, 3]), [outHeight, outWidth, batch * channels, 1]) as Tensor4D;
    const dw = depthwiseConv2d(image, kernel, 1, toTfjsPads(pads), 'NHWC', [...strides]); // [1, >= kh, >= kw, batch · channels]
    const ofImages = reshape(slice(dw, [0, 0, 0, 0], [1, height, width, batch * channels]), [height * width, batch, channels]);
    return [reshape(sum(ofImages, 1), [height, width, channels, 1])];
  },
  maxPoolGrad(at) {
    // wasm's kernel takes the smallest positive number for the least there is, and what belongs to a window without a larger one goes astray.
    // Such windows have a turn of their own, where 1 / (1 - x) stands for x: positive, and in the same order. Of equals, the last gets it all.
    const [x, y, dy] = [inputAt(at.inputs, 0), inputAt(at.inputs, 1), inputAt(at.inputs, 2)];
    const isLow = cast(lessEqual(y, smallest), 'float32');
    const gradient = (...inputs: readonly Tensor[]): Tensor => inputAt(windowKernels.maxPoolGrad({ ...at, inputs }), 0);
    return [add(gradient(x, y, mul(dy, sub(1, isLow))), gradient(reciprocal(sub(1, x)), y, mul(dy, isLow)))];
  },
};

const smallest = 2 ** -126; // of float32's normal numbers

// dy gets zeros where the stride skipped pixels, and such a padding that the flipped kernel meets each pixel as the kernel did.
function transposeConvolution(
  dy: Tensor4D,
  flipped: Tensor4D,
  convolve: (x: Tensor4D, kernel: Tensor4D, strides: number, pads: TfjsPads) => Tensor4D,
  { strides, pads: [top, , left], inputShape }: PrimitiveAttributes['conv2dBackpropInput'],
  batch: number,
): Tensor4D {
  const shape = withBatch(inputShape, batch) as Tensor4D['shape'];
  const spread = spreadPixels(dy, strides);
  const [above, beside] = [flipped.shape[0] - 1 - top, flipped.shape[1] - 1 - left];
  const [below, behind] = [shape[1] + top - spread.shape[1], shape[2] + left - spread.shape[2]];
  const dx = convolve(spread, flipped, 1, toTfjsPads([clip(above), clip(below), clip(beside), clip(behind)]));
  // Where a padding would be negative, there are pixels too many.
  return Math.min(above, below, beside, behind) < 0 ? slice(dx, [0, clip(-above), clip(-beside), 0], shape) : dx;
}

function clip(extent: number): number {
  return Math.max(extent, 0);
}

// [n, h, w, c] to [n, h · strideH, w · strideW, c], as two paddings of matrices: of each pixel to the right, of each row to below.
function spreadPixels(dy: Tensor4D, [down, across]: readonly [number, number]): Tensor4D {
  const [batch, height, width, channels] = dy.shape;
  const wider = append(reshape(dy, [batch * height * width, channels]), (across - 1) * channels);
  const row = width * across * channels;
  return reshape(append(reshape(wider, [batch * height, row]), (down - 1) * row), [batch, height * down, width * across, channels]);
}

function append(rows: Tensor2D, zeros: number): Tensor2D {
  return zeros === 0
    ? rows
    : pad(rows, [
        [0, 0],
        [0, zeros],
      ]);
}
