import { ExportError } from '../../core/errors.js';
import type { Node } from '../../ir/architecture.js';
import { type Padding, padsOf } from '../../ir/geometry.js';
import { channelsOf, type Shape } from '../../ir/node.js';
import type { ShapedNode } from '../../ir/shapes.js';
import { toOnnxKernel } from './tensor.js';
import { type Attributes, addWeight, attribute, type OnnxWriter } from './writer.js';

type WriteOp<N> = (node: N, input: Shape, inputs: readonly string[], out: OnnxWriter) => void;

// Attributes are those of the operators' schemas in opset 17 (onnx/docs/Operators.md).
const table: { readonly [K in Node['op']]: WriteOp<Extract<Node, { readonly op: K }>> } = {
  conv(node, input, inputs, out) {
    const inChannels = channelsOf(input) / node.groups;
    const kernel = writeKernel(node, inChannels, node.outChannels, out);
    const attributes = { group: attribute.int(node.groups), ...window(node, input) };
    out.node(node.id, 'Conv', [...inputs, kernel, ...writeBias(node, node.outChannels, out)], attributes);
  },
  'depthwise-conv'(node, input, inputs, out) {
    const channels = channelsOf(input);
    const attributes = { group: attribute.int(channels), ...window(node, input) };
    out.node(node.id, 'Conv', [...inputs, writeKernel(node, 1, channels, out), ...writeBias(node, channels, out)], attributes);
  },
  'batch-norm'({ id, epsilon, momentum }, input, inputs, out) {
    const parts = ['scale', 'offset', 'moving-mean', 'moving-variance'].map((part) => addWeight(out, `${id}/${part}`, [channelsOf(input)]));
    const attributes = { epsilon: attribute.float(epsilon), momentum: attribute.float(momentum) };
    out.node(id, 'BatchNormalization', [...inputs, ...parts], attributes);
  },
  relu: ({ id }, _input, inputs, out) => out.node(id, 'Relu', inputs),
  relu6: ({ id }, _input, inputs, out) => out.node(id, 'Clip', [...inputs, out.scalar('relu6/min', 0), out.scalar('relu6/max', 6)]),
  add: ({ id }, _input, inputs, out) => out.node(id, 'Add', inputs),
  concat: ({ id }, _input, inputs, out) => out.node(id, 'Concat', inputs, { axis: attribute.int(1) }),
  // A Slice a part: as fast as one Split for all parts, and a node stays a node.
  split({ id, parts, part }, input, inputs, out) {
    const size = channelsOf(input) / parts;
    const index = (value: number): string => out.ints(`index/${value}`, [value]);
    out.node(id, 'Slice', [...inputs, index(part * size), index((part + 1) * size), index(1)]);
  },
  'channel-shuffle'({ id, groups }, input, inputs, out) {
    const channels = channelsOf(input);
    const pixels = input.slice(0, -1); // [h, w], or nothing of a vector
    const shape = (extents: readonly number[]): string => out.ints(`shape/${extents.join('x')}`, [0, ...extents]); // 0: as many images as come
    const dealt = out.helper(`${id}/deal`, 'Reshape', [...inputs, shape([groups, channels / groups, ...pixels])]);
    const perm = [0, 2, 1, ...pixels.map((_, axis) => axis + 3)];
    const turned = out.helper(`${id}/turn`, 'Transpose', [dealt], { perm: attribute.ints(perm) });
    out.node(id, 'Reshape', [turned, shape([channels, ...pixels])]);
  },
  'max-pool'(node, input, inputs, out) {
    checkPads(node, input);
    out.node(node.id, 'MaxPool', inputs, window(node, input));
  },
  'avg-pool'(node, input, inputs, out) {
    checkPads(node, input);
    out.node(node.id, 'AveragePool', inputs, { count_include_pad: attribute.int(0), ...window(node, input) });
  },
  'global-avg-pool'({ id }, _input, inputs, out) {
    out.node(id, 'Flatten', [out.helper(`${id}/mean`, 'GlobalAveragePool', inputs)], { axis: attribute.int(1) });
  },
  dense(node, input, inputs, out) {
    const kernel = addWeight(out, `${node.id}/kernel`, [channelsOf(input), node.outChannels]);
    out.node(node.id, 'Gemm', [...inputs, kernel, ...writeBias(node, node.outChannels, out)]);
  },
};

/** Appends the node to the graph. @throws ExportError where ONNX has no words for it. */
export function writeNode({ node, inputs: [input = []] }: ShapedNode, out: OnnxWriter): void {
  (table[node.op] as WriteOp<Node>)(node, input, node.inputs.map(out.tensorOf), out);
}

interface Windowed {
  readonly id: string;
  readonly op: string;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
}

function window(node: Windowed, [height = 0, width = 0]: Shape): Attributes {
  const [top, bottom, left, right] = padsOf(node, height, width);
  return {
    kernel_shape: attribute.ints(node.kernel),
    pads: attribute.ints([top, left, bottom, right]),
    strides: attribute.ints(node.strides),
  };
}

/** Readers refuse a pool some of whose windows lie in the padding alone. */
function checkPads(node: Windowed, [height = 0, width = 0]: Shape): void {
  const [top, bottom, left, right] = padsOf(node, height, width);
  const [tall, wide] = node.kernel;
  if (Math.max(top, bottom) < tall && Math.max(left, right) < wide) return;
  throw new ExportError(
    `Node "${node.id}" (${node.op}) pads by ${Math.max(top, bottom, left, right)} pixels, but an ONNX pool of ${tall}x${wide} pixels takes less than its window. Pad less.`,
  );
}

function writeKernel({ id, kernel: [height, width] }: Windowed, inChannels: number, outChannels: number, out: OnnxWriter): string {
  const values = out.weight(`${id}/kernel`, height * width * inChannels * outChannels);
  return out.floats(`${id}/kernel`, [outChannels, inChannels, height, width], toOnnxKernel(values, inChannels, outChannels));
}

function writeBias({ id, bias }: { readonly id: string; readonly bias: boolean }, channels: number, out: OnnxWriter): readonly string[] {
  return bias ? [addWeight(out, `${id}/bias`, [channels])] : [];
}
