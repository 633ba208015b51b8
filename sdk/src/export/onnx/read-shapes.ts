import { channelsOf, type Shape, sizeOf } from '../../ir/node.js';
import type { NodeCall } from './node-call.js';
import { poolGlobally, type ReadOp } from './read-layers.js';
import type { DataValue, DealtValue, Value } from './read-value.js';

/** Operators that move values and compute none. */
export const shapeOps: Readonly<Record<string, ReadOp>> = {
  Concat(call) {
    const values = Array.from({ length: call.inputCount }, (_, index) => call.value(index));
    const axis = call.int('axis', 1);
    if (values.every(({ kind }) => kind === 'ints' || kind === 'constant')) {
      return { kind: 'ints', values: values.flatMap((_, index) => call.intInput(index) ?? []) };
    }
    const inputs = values.map((_, index) => call.data(index));
    checkChannelAxis(call, axis, inputs[0] as DataValue);
    if (inputs.length === 1) return inputs[0] as DataValue;
    return call.network.add({ id: call.claimId(), op: 'concat', inputs: inputs.map(({ id }) => id) }, inputs);
  },
  Split(call) {
    const input = call.data(0);
    checkChannelAxis(call, call.int('axis', 0), input);
    const parts = call.outputs.length;
    const sizes = call.opset < 13 ? call.ints('split') : call.intInput(1);
    if (call.int('num_outputs', parts) !== parts) call.refuse(`has ${parts} outputs, but another num_outputs.`);
    const size = channelsOf(input.shape) / parts;
    if (sizes && (sizes.length !== parts || sizes.some((one) => one !== size))) {
      call.refuse(`splits ${channelsOf(input.shape)} channels into [${sizes.slice(0, 8).join(', ')}]. Only equal parts fit.`);
    }
    return call.outputs.map((name, part) =>
      call.network.add({ id: call.network.claimId(name), op: 'split', inputs: [input.id], parts, part }, [input]),
    );
  },
  Slice(call) {
    const input = call.data(0);
    const [starts, ends, axes] =
      call.opset < 10 ? [call.ints('starts'), call.ints('ends'), call.ints('axes')] : [1, 2, 3].map(call.intInput);
    const [step = 1, ...moreSteps] = (call.opset < 10 ? undefined : call.intInput(4)) ?? [];
    if (starts?.length !== 1 || ends?.length !== 1 || axes?.length !== 1 || moreSteps.length > 0 || step !== 1) {
      call.refuse('slices more than one axis, or not every value. Only a run of channels fits.');
    }
    checkChannelAxis(call, axes?.[0] ?? 0, input);
    const channels = channelsOf(input.shape);
    const clamp = (index = 0): number => Math.min(Math.max(index < 0 ? index + channels : index, 0), channels);
    const [start, end] = [clamp(starts?.[0]), clamp(ends?.[0])];
    const [parts, part] = [channels / (end - start), start / (end - start)];
    if (parts === 1) return input;
    if (!(end > start && Number.isInteger(parts) && Number.isInteger(part))) {
      call.refuse(`takes channels ${start} to ${end} of ${channels}. Only one of equal parts fits.`);
    }
    return call.network.add({ id: call.claimId(), op: 'split', inputs: [input.id], parts, part }, [input]);
  },
  Reshape(call) {
    const input = call.value(0);
    const wanted = call.intInput(1) ?? call.refuse('has no shape.');
    const allowsZero = call.int('allowzero', 0) !== 0;
    if (input.kind === 'dealt') return gather(call, input, resolveShape(call, wanted, dealtShape(input), allowsZero));
    const shape = nchw(call, input);
    const target = resolveShape(call, wanted, shape, allowsZero);
    if (target.join() === shape.join() && input.kind === 'data') return input;
    return target.length === 1 ? toVector(call, input) : deal(call, input, target);
  },
  Transpose(call) {
    const input = call.value(0);
    const perm = call.ints('perm') ?? [];
    const isTurn = input.kind === 'dealt' && !input.turned && perm.join() === turnOf(input.rank);
    return isTurn
      ? { ...input, turned: true }
      : call.refuse(`turns the axes to [${perm.slice(0, 8).join(', ')}]. That fits only within a channel shuffle.`);
  },
  Flatten(call) {
    const axis = call.int('axis', 1);
    return axis === 1 ? toVector(call, call.value(0)) : call.refuse(`flattens from axis ${axis}. Only 1 fits.`);
  },
  Squeeze(call) {
    const axes = (call.opset < 13 ? call.ints('axes') : call.intInput(1)) ?? [];
    const wanted = axes.map((axis) => (axis < 0 ? axis + 4 : axis)).sort((one, other) => one - other);
    return wanted.join() === '2,3' ? toVector(call, call.value(0)) : call.refuse('removes other axes than height and width, [2, 3].');
  },
  Identity: (call) => call.value(0),
  Dropout(call) {
    call.ignore('ratio', 'seed', 'is_test');
    if (call.inputCount > 1) call.value(1); // the ratio; a third input could set training mode
    return call.value(0);
  },

  // Shapes, as exporters compute them of images: x.reshape(x.shape[0], …).
  Constant(call) {
    const ints = call.ints('value_ints');
    if (ints) return { kind: 'ints', values: ints };
    return call.tensor('value') ?? call.refuse('is no tensor. Only those of `value` and `value_ints` fit.');
  },
  Shape: (call) => ({ kind: 'ints', values: [-1, ...nchw(call, call.value(0))] }),
  Gather(call) {
    const [values, indices] = [call.intInput(0) ?? [], call.intInput(1) ?? []];
    if (call.int('axis', 0) !== 0) call.refuse('gathers along another axis than the first.');
    const at = (index: number): number => values.at(index) ?? call.refuse(`takes element ${index} of ${values.length}.`);
    return { kind: 'ints', values: indices.map(at) };
  },
  Unsqueeze(call) {
    call.ignore('axes');
    if (call.inputCount > 1) call.intInput(1);
    return { kind: 'ints', values: call.intInput(0) ?? [] };
  },
  Cast(call) {
    const values = call.intInput(0) ?? [];
    return call.int('to', 0) === 7 ? { kind: 'ints', values } : call.refuse('converts to another type. Only int64 shapes fit.');
  },
};

function checkChannelAxis(call: NodeCall, axis: number, { shape }: DataValue): void {
  if ((axis < 0 ? axis + shape.length + 1 : axis) !== 1) call.refuse(`works along axis ${axis}. Only the channels, axis 1, fit.`);
}

/** [c] of the mean, or of an image of one pixel. */
function toVector(call: NodeCall, value: Value): DataValue {
  if (value.kind === 'pooled') return poolGlobally(call, value.source);
  if (value.kind !== 'data') return call.data(0);
  const { shape } = value;
  if (shape.length === 1) return value;
  if (shape[0] === 1 && shape[1] === 1) return poolGlobally(call, value); // the mean of one pixel is the pixel
  return call.refuse(
    `flattens an image of ${shape[0]}x${shape[1]} pixels. PreCrop's dense layers read a vector: put a global average pool before it.`,
  );
}

/** Extents as ONNX orders them, without the batch. */
function nchw(call: NodeCall, value: Value): readonly number[] {
  if (value.kind === 'pooled') return [channelsOf(value.source.shape), 1, 1];
  const { shape } = value.kind === 'data' ? value : call.data(0);
  return [channelsOf(shape), ...shape.slice(0, -1)];
}

function dealtShape({ source: { shape }, groups, turned, rank }: DealtValue): readonly number[] {
  const channels = channelsOf(shape);
  const dealt = turned ? [channels / groups, groups] : [groups, channels / groups];
  return [...dealt, ...(rank === 4 ? [sizeOf(shape.slice(0, -1))] : shape.slice(0, -1))];
}

/** The shape that Reshape gives, without the batch: 0 copies an extent, and -1 is what is left. */
function resolveShape(call: NodeCall, wanted: readonly number[], from: readonly number[], allowsZero: boolean): Shape {
  const [images, ...others] = wanted;
  if (allowsZero && wanted.includes(0)) call.refuse('asks for an empty tensor (allowzero).');
  if (images !== 0 && images !== -1 && (images === undefined || images !== call.batch)) {
    call.refuse(
      `mixes the images of a batch: its shape is [${wanted.slice(0, 8).join(', ')}]. The first extent must be 0, -1 or the batch.`,
    );
  }
  const copied = others.map((extent, axis) => (extent === 0 ? (from[axis] ?? 0) : extent));
  const left = sizeOf(from) / sizeOf(copied.filter((extent) => extent !== -1));
  const shape = copied.map((extent) => (extent === -1 ? left : extent));
  const isWhole = shape.every((extent) => Number.isSafeInteger(extent) && extent > 0);
  if (!isWhole || sizeOf(shape) !== sizeOf(from))
    call.refuse(`makes [${wanted.slice(0, 8).join(', ')}] of ${from.join('x')} values an image.`);
  return shape;
}

/** The first third of a channel shuffle: [c, h, w] becomes [groups, c / groups, h, w], or the same with h · w in one. */
function deal(call: NodeCall, input: Value, target: Shape): DealtValue {
  const source = input.kind === 'data' ? input : call.data(0);
  const [height = 0, width = 0, channels = 0] = source.shape;
  const [groups = 0, each = 0, ...pixels] = target;
  const isDealt =
    source.shape.length === 3 && groups * each === channels && [`${height},${width}`, `${height * width}`].includes(pixels.join());
  if (!isDealt) call.refuse(`makes ${target.join('x')} values an image. That fits only within a channel shuffle, or to make a vector.`);
  return { kind: 'dealt', source, groups, rank: target.length + 1, turned: false };
}

/** The last third. */
function gather(call: NodeCall, { source, groups, turned }: DealtValue, target: Shape): DataValue {
  const [height = 0, width = 0, channels = 0] = source.shape;
  if (!turned || target.join() !== [channels, height, width].join())
    call.refuse('does not end the channel shuffle that was begun before it.');
  return call.network.add({ id: call.claimId(), op: 'channel-shuffle', inputs: [source.id], groups }, [source]);
}

function turnOf(rank: number): string {
  return [0, 2, 1, 3, 4].slice(0, rank).join();
}
