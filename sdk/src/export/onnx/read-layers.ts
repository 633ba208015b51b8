import { type Padding, padsOf } from '../../ir/geometry.js';
import { channelsOf } from '../../ir/node.js';
import type { StoredFloats } from '../model.js';
import { type NodeCall, scalarOf } from './node-call.js';
import type { DataValue, Value } from './read-value.js';
import { fromOnnxKernel } from './tensor.js';

/** Gives what the node's outputs are. @throws ModelFileError for a node that is none of our ops. */
export type ReadOp = (call: NodeCall) => Value | readonly Value[];

const largestPad = 1024;

/** Operators that are ops of the ir: what they mean is in their schemas (onnx/docs/Operators.md). */
export const layerOps: Readonly<Record<string, ReadOp>> = {
  Conv(call) {
    const input = call.data(0);
    const channels = channelsOf(input.shape);
    const groups = call.int('group', 1);
    const [outChannels = 0, inChannels = 0, height = 0, width = 0, ...rest] = call.dims(1);
    if (input.shape.length !== 3 || rest.length > 0 || inChannels * groups !== channels || !(outChannels > 0 && groups > 0)) {
      call.refuse(
        `has a kernel [${call.dims(1).join(', ')}] in ${groups} groups for an image of ${channels} channels. It must be [out, in / groups, height, width].`,
      );
    }
    const window = readWindow(call, input, [height, width]);
    const kernel = { part: 'kernel', values: turnKernel(call.floats(1) as StoredFloats, inChannels, outChannels) };
    const bias = call.floats(2, [outChannels]);
    const weights = bias ? [kernel, { part: 'bias', values: bias }] : [kernel];
    const common = { id: call.claimId(), inputs: [input.id], ...window, bias: bias !== undefined } as const;
    const isDepthwise = groups > 1 && groups === channels && groups === outChannels;
    return isDepthwise
      ? call.network.add({ ...common, op: 'depthwise-conv' }, [input], weights)
      : call.network.add({ ...common, op: 'conv', outChannels, groups }, [input], weights);
  },
  BatchNormalization(call) {
    const input = call.data(0);
    const dims = [channelsOf(input.shape)];
    const weights = ['scale', 'offset', 'moving-mean', 'moving-variance'].map((part, index) => ({
      part,
      values: call.floats(index + 1, dims) ?? call.refuse(`has no ${part}.`),
    }));
    const epsilon = toDecimal(call.float('epsilon', 1e-5));
    const momentum = toDecimal(call.float('momentum', 0.9));
    call.ignore('spatial');
    if (!(epsilon > 0 && epsilon < 1)) call.refuse(`has an epsilon of ${epsilon}. It must be above 0 and below 1.`);
    if (!(momentum >= 0 && momentum <= 1)) call.refuse(`has a momentum of ${momentum}. It must be from 0 to 1.`);
    if (call.int('training_mode', 0) !== 0) call.refuse('is in training mode. Export the model for inference.');
    return call.network.add({ id: call.claimId(), op: 'batch-norm', inputs: [input.id], epsilon, momentum }, [input], weights);
  },
  Relu: (call) => activate(call, 'relu'),
  Clip(call) {
    const [least, most] =
      call.opset < 11
        ? [call.float('min', Number.NEGATIVE_INFINITY), call.float('max', Number.POSITIVE_INFINITY)]
        : [scalarOf(call, 1), scalarOf(call, 2)];
    if (least === 0 && most === 6) return activate(call, 'relu6');
    if (least === 0 && (most ?? Number.POSITIVE_INFINITY) > 3e38) return activate(call, 'relu');
    return call.refuse(`clips to ${least ?? 'anything'} … ${most ?? 'anything'}. Only 0 … 6 (relu6) and 0 … (relu) fit.`);
  },
  Add(call) {
    const [a, b] = [call.value(0), call.value(1)];
    if (a.kind !== 'constant' && b.kind !== 'constant') {
      const inputs = [call.data(0), call.data(1)];
      return call.network.add({ id: call.claimId(), op: 'add', inputs: inputs.map(({ id }) => id) }, inputs);
    }
    return addBias(call, a.kind === 'constant' ? 1 : 0);
  },
  MaxPool(call) {
    call.ignore('storage_order'); // of the second output, which nothing can read
    return pool(call, 'max-pool');
  },
  AveragePool(call) {
    const isCounted = call.int('count_include_pad', 0) !== 0;
    const pooled = pool(call, 'avg-pool');
    const node = call.network.nodes.at(-1);
    const isPadded = node?.op === 'avg-pool' && padsOf(node, ...sideOf(call.data(0))).some((pad) => pad > 0);
    if (isCounted && isPadded) call.refuse('counts its padding into the mean (count_include_pad). PreCrop leaves it out.');
    return pooled;
  },
  GlobalAveragePool: (call) => ({ kind: 'pooled', source: imageOf(call) }),
  ReduceMean(call) {
    const source = imageOf(call);
    const axes = call.opset < 18 ? call.ints('axes') : call.intInput(1);
    call.ignore('noop_with_empty_axes');
    const wanted = (axes ?? []).map((axis) => (axis < 0 ? axis + 4 : axis)).sort((one, other) => one - other);
    if (wanted.join() !== '2,3')
      call.refuse(`takes a mean over the axes [${(axes ?? []).slice(0, 8).join(', ')}]. Only that over height and width, [2, 3], fits.`);
    return call.int('keepdims', 1) === 0 ? poolGlobally(call, source) : { kind: 'pooled', source };
  },
  Gemm(call) {
    const [alpha, beta, transA, transB] = [call.float('alpha', 1), call.float('beta', 1), call.int('transA', 0), call.int('transB', 0)];
    if (alpha !== 1 || beta !== 1 || transA !== 0)
      call.refuse(`has alpha ${alpha}, beta ${beta} and transA ${transA}. Only 1, 1 and 0 fit.`);
    return multiply(call, transB !== 0);
  },
  MatMul: (call) => multiply(call, false),
};

/** A global-avg-pool of an image, called as this node. */
export function poolGlobally(call: NodeCall, source: DataValue): DataValue {
  return call.network.add({ id: call.claimId(), op: 'global-avg-pool', inputs: [source.id] }, [source]);
}

function activate(call: NodeCall, op: 'relu' | 'relu6'): DataValue {
  const input = call.data(0);
  return call.network.add({ id: call.claimId(), op, inputs: [input.id] }, [input]);
}

function pool(call: NodeCall, op: 'max-pool' | 'avg-pool'): DataValue {
  const input = imageOf(call);
  if (call.int('ceil_mode', 0) !== 0) call.refuse('rounds the size of its output up (ceil_mode). PreCrop rounds down.');
  return call.network.add({ id: call.claimId(), op, inputs: [input.id], ...readWindow(call, input) }, [input]);
}

function multiply(call: NodeCall, isTurned: boolean): DataValue {
  const input = call.data(0);
  const [rows = 0, columns = 0, ...rest] = call.dims(1);
  const [inputs, outChannels] = isTurned ? [columns, rows] : [rows, columns];
  if (input.shape.length !== 1 || rest.length > 0 || inputs !== input.shape[0] || outChannels < 1) {
    call.refuse(
      `multiplies ${input.shape.join('x')} values by a matrix of ${call.dims(1).join('x')}. PreCrop needs a vector, and a row for each of its values.`,
    );
  }
  const values = call.floats(1) as StoredFloats;
  const kernel = { part: 'kernel', values: isTurned ? turnKernel(values, inputs, outChannels) : values };
  const bias = readBias(call, outChannels);
  const node = { id: call.claimId(), op: 'dense', inputs: [input.id], outChannels, bias: bias !== undefined } as const;
  return call.network.add(node, [input], bias ? [kernel, { part: 'bias', values: bias }] : [kernel]);
}

function turnKernel({ length, read }: StoredFloats, inputs: number, outputs: number): StoredFloats {
  return { length, read: () => fromOnnxKernel(read(), inputs, outputs) };
}

/** [out], or [1, out] as Gemm allows. */
function readBias(call: NodeCall, outChannels: number): StoredFloats | undefined {
  const bias = call.floats(2);
  if (bias && bias.length !== outChannels) call.refuse(`adds ${bias.length} values to ${outChannels}.`);
  return bias;
}

/** A constant that is added to a layer's output is the layer's bias. */
function addBias(call: NodeCall, index: number): DataValue {
  const input = call.data(index);
  const channels = channelsOf(input.shape);
  const dims = call.dims(1 - index).join();
  const fitting =
    input.shape.length === 1
      ? [[channels], [1, channels]]
      : [
          [channels, 1, 1],
          [1, channels, 1, 1],
        ];
  const values = fitting.some((shape) => shape.join() === dims) ? call.floats(1 - index) : undefined;
  if (!values || input.shared || !call.network.addBias(input.id, values)) {
    call.refuse('adds a constant. That fits only as the bias of a convolution or dense layer right before it, which nothing else reads.');
  }
  return input;
}

function imageOf(call: NodeCall): DataValue {
  const input = call.data(0);
  return input.shape.length === 3 ? input : call.refuse('needs an image, but its input is a vector.');
}

function sideOf({ shape: [height = 0, width = 0] }: DataValue): [number, number] {
  return [height, width];
}

interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
}

function readWindow(call: NodeCall, input: DataValue, size?: readonly [number, number]): Window {
  const kernel = pair(call, 'kernel_shape', size);
  if (size && size.join() !== kernel.join()) call.refuse(`has a kernel of ${size.join('x')}, but a kernel_shape of ${kernel.join('x')}.`);
  const strides = pair(call, 'strides', [1, 1]);
  if (pair(call, 'dilations', [1, 1]).join() !== '1,1') call.refuse('is dilated. PreCrop has no dilated ops.');
  const [top = 0, left = 0, bottom = 0, right = 0, ...rest] = call.ints('pads') ?? [];
  const auto = call.text('auto_pad', 'NOTSET');
  if (rest.length > 0 || [top, left, bottom, right].some((pad) => !(Number.isSafeInteger(pad) && pad >= 0 && pad <= largestPad))) {
    call.refuse(`has pads that are not four whole numbers from 0 to ${largestPad}.`);
  }
  if (auto === 'SAME_UPPER' || auto === 'VALID') return { kernel, strides, padding: auto === 'VALID' ? 'valid' : 'same' };
  if (auto !== 'NOTSET') call.refuse(`pads by ${JSON.stringify(auto.slice(0, 40))}. Only pads, SAME_UPPER and VALID fit.`);
  const pads = [top, bottom, left, right] as const;
  const [same, given] = [padsOf({ kernel, strides, padding: 'same' }, ...sideOf(input)).join(), pads.join()];
  return { kernel, strides, padding: given === same ? 'same' : given === '0,0,0,0' ? 'valid' : pads };
}

function pair(call: NodeCall, name: string, otherwise?: readonly [number, number]): readonly [number, number] {
  const [height = 0, width = 0, ...rest] = call.ints(name) ?? otherwise ?? [];
  const isPair = rest.length === 0 && [height, width].every((extent) => Number.isSafeInteger(extent) && extent > 0);
  return isPair ? [height, width] : call.refuse(`has ${name} that are not two whole numbers above 0.`);
}

/** The shortest decimal that is this float32: 0.9, where the nearest float64 would be 0.8999999761581421. */
function toDecimal(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
