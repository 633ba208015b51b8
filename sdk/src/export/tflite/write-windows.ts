import { type Pads, padsOf, type Window } from '../../ir/geometry.js';
import { channelsOf, type Shape } from '../../ir/node.js';
import type { ConvNode } from '../../ir/ops/conv.js';
import type { DepthwiseConvNode } from '../../ir/ops/depthwise-conv.js';
import type { AvgPoolNode, MaxPoolNode } from '../../ir/ops/pool.js';
import type { NodeScope, WriteNode } from './node-scope.js';
import { activationOptions, conv2dOptions, depthwiseConv2dOptions, pool2dOptions } from './schema.js';
import { transpose } from './transpose.js';

const lowest = -3.4028234663852886e38; // float32's; some readers refuse an infinity

/** CONV_2D; a kernel of fewer channels than the image tells readers of the groups. */
export const writeConv: WriteNode<ConvNode> = (node, [input], scope) => {
  const { graph, inputShapes } = scope;
  const [x, padding] = pad(node, input, 0, scope);
  const shape = [node.outChannels, ...node.kernel, channelsOf(inputShapes[0] ?? []) / node.groups];
  const weights = [
    graph.kernel(`${node.id}/kernel`, shape, transpose(scope.weights('kernel'), node.outChannels)),
    graph.floats(`${node.id}/bias`, [node.outChannels], scope.bias(node)),
  ];
  const output = scope.output();
  const options = conv2dOptions({ padding, strides: node.strides, activation: scope.activation });
  graph.operator('CONV_2D', [x, ...weights], [output], options);
  return output;
};

/** DEPTHWISE_CONV_2D: its kernel is [1, kh, kw, c], the order of ours. */
export const writeDepthwiseConv: WriteNode<DepthwiseConvNode> = (node, [input], scope) => {
  const { graph } = scope;
  const channels = channelsOf(scope.outputShape);
  const [x, padding] = pad(node, input, 0, scope);
  const weights = [
    graph.kernel(`${node.id}/kernel`, [1, ...node.kernel, channels], scope.weights('kernel')),
    graph.floats(`${node.id}/bias`, [channels], scope.bias(node)),
  ];
  const output = scope.output();
  const options = depthwiseConv2dOptions({ padding, strides: node.strides, activation: scope.activation });
  graph.operator('DEPTHWISE_CONV_2D', [x, ...weights], [output], options);
  return output;
};

export const writeMaxPool: WriteNode<MaxPoolNode> = (node, [input], scope) => {
  const [x, padding] = pad(node, input, lowest, scope);
  const output = scope.output();
  const { strides, kernel } = node;
  scope.graph.operator('MAX_POOL_2D', [x], [output], pool2dOptions({ padding, strides, activation: 'none' }, kernel));
  return output;
};

/** AVERAGE_POOL_2D does not count the padding of SAME, but zeros that were put round the image: those are multiplied away. */
export const writeAvgPool: WriteNode<AvgPoolNode> = (node, [input], scope) => {
  const { graph, inputShapes, outputShape, batched } = scope;
  const { strides, kernel } = node;
  const [x, padding] = pad(node, input, 0, scope);
  const options = pool2dOptions({ padding, strides, activation: 'none' }, kernel);
  if (x === input) {
    const output = scope.output();
    graph.operator('AVERAGE_POOL_2D', [x], [output], options);
    return output;
  }
  const mean = graph.value(`${node.id}/with-padding`, batched(outputShape));
  graph.operator('AVERAGE_POOL_2D', [x], [mean], options);
  const [height = 0, width = 0] = outputShape;
  const factors = graph.floats(`${node.id}/factors`, [1, height, width, 1], windowShares(node, inputShapes[0] ?? [], outputShape));
  const output = scope.output();
  graph.operator('MUL', [mean, factors], [output], activationOptions('none'));
  return output;
};

/** Pixels of a window by those of them that lie in the image, for each place of the window. */
function windowShares(window: Window, [height = 0, width = 0]: Shape, [outHeight = 0, outWidth = 0]: Shape): Float32Array {
  const [top, , left] = padsOf(window, height, width);
  const inside = (index: number, axis: 0 | 1, before: number, extent: number): number => {
    const start = index * window.strides[axis] - before;
    return Math.max(Math.min(start + window.kernel[axis], extent) - Math.max(start, 0), 0);
  };
  const size = window.kernel[0] * window.kernel[1];
  return Float32Array.from({ length: outHeight * outWidth }, (_, place) => {
    const pixels = inside(Math.floor(place / outWidth), 0, top, height) * inside(place % outWidth, 1, left, width);
    return size / Math.max(pixels, 1);
  });
}

/** The image as a window needs it, and the padding that is then left to do. */
function pad(
  window: Window & { readonly id: string },
  input: number,
  value: number,
  { graph, inputShapes, batched, padsStrides }: NodeScope,
): readonly [number, 'same' | 'valid'] {
  const [image = []] = inputShapes;
  const [height = 0, width = 0] = image;
  const pads = padsOf(window, height, width);
  if (pads.every((pixels) => pixels === 0)) return [input, 'valid'];
  const strided = window.strides[0] * window.strides[1] > 1;
  if (isSame(window, pads, height, width) && !(padsStrides && strided)) return [input, 'same'];
  const [top, bottom, left, right] = pads;
  const amounts = graph.ints(`${window.id}/pads`, [0, 0, top, bottom, left, right, 0, 0], [4, 2]);
  const output = graph.value(`${window.id}/padded`, batched(paddedShape(window, image)));
  if (value === 0) graph.operator('PAD', [input, amounts], [output]);
  else graph.operator('PADV2', [input, amounts, graph.floats(`${window.id}/pad-value`, [], Float32Array.of(value))], [output]);
  return [output, 'valid'];
}

function isSame(window: Window, pads: Pads, height: number, width: number): boolean {
  return padsOf({ ...window, padding: 'same' }, height, width).join() === pads.join();
}

function paddedShape(window: Window, [height = 0, width = 0, channels = 0]: Shape): Shape {
  const [top, bottom, left, right] = padsOf(window, height, width);
  return [height + top + bottom, width + left + right, channels];
}
