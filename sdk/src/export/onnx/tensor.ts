import { ModelFileError } from '../../core/errors.js';
import { sizeOf } from '../../ir/node.js';
import type { StoredFloats } from '../model.js';
import { quote } from '../quote.js';
import { dataTypes, type TensorProto, toNumber } from './proto.js';

export function floatTensor(name: string, dims: readonly number[], values: Float32Array): TensorProto {
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength); // little-endian, as every supported CPU is
  return { name, dims, dataType: dataTypes.float, rawData };
}

export function intTensor(name: string, values: readonly number[]): TensorProto {
  const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { name, dims: [values.length], dataType: dataTypes.int64, rawData };
}

/** Extents of a tensor of a file. @throws ModelFileError for those that are none. */
export function dimsOf(tensor: TensorProto): readonly number[] {
  const dims = (tensor.dims ?? []).map(toNumber);
  if (!dims.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) {
    throw new ModelFileError(`Tensor ${quote(tensor.name)} has the shape ${list(dims)}. Extents must be whole numbers of at least 0.`);
  }
  return dims;
}

/** Values of a tensor of a file, which must have as many as its shape says. @throws ModelFileError where they are no float32 or not all there. */
export function floatsOf(tensor: TensorProto): StoredFloats {
  checkPlace(tensor);
  if (tensor.dataType !== dataTypes.float) {
    throw new ModelFileError(
      `Tensor ${quote(tensor.name)} has ONNX's data type ${tensor.dataType ?? 0}, but weights must be float32 (1). Convert the model to float32.`,
    );
  }
  const bytes = tensor.rawData?.length ? tensor.rawData : (tensor.floatData ?? new Uint8Array());
  checkSize(tensor, bytes.length / 4);
  return { length: bytes.length / 4, read: () => new Float32Array(new Uint8Array(bytes).buffer) }; // a copy, so that it is aligned
}

/** Values of a short tensor of int64, such as a shape. @throws ModelFileError as `floatsOf`. */
export function intsOf(tensor: TensorProto): readonly number[] {
  checkPlace(tensor);
  if (tensor.dataType !== dataTypes.int64) {
    throw new ModelFileError(
      `Tensor ${quote(tensor.name)} has ONNX's data type ${tensor.dataType ?? 0}, but a shape, axis or index must be int64 (7).`,
    );
  }
  const raw = tensor.rawData ?? new Uint8Array();
  checkSize(tensor, raw.length > 0 ? raw.length / 8 : (tensor.int64Data?.length ?? 0));
  if (raw.length > 8 * 64)
    throw new ModelFileError(`Tensor ${quote(tensor.name)} lists ${raw.length / 8} integers, but no shape or axis has more than 64.`);
  return raw.length > 0 ? Array.from(new BigInt64Array(new Uint8Array(raw).buffer), Number) : (tensor.int64Data ?? []).map(toNumber);
}

/** Kernel [kh, kw, inC, outC] as [outC, inC, kh, kw]. A depthwise one, [kh, kw, c, 1], has inC = 1 and outC = c. */
export function toOnnxKernel(kernel: Float32Array, inputs: number, outputs: number): Float32Array {
  const pixels = kernel.length / (inputs * outputs);
  const turned = new Float32Array(kernel.length);
  let from = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) turned[(output * inputs + input) * pixels + pixel] = kernel[from++] ?? 0;
    }
  }
  return turned;
}

/** Back from `toOnnxKernel`. */
export function fromOnnxKernel(kernel: Float32Array, inputs: number, outputs: number): Float32Array {
  const pixels = kernel.length / (inputs * outputs);
  const turned = new Float32Array(kernel.length);
  let from = 0;
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let pixel = 0; pixel < pixels; pixel++) turned[(pixel * inputs + input) * outputs + output] = kernel[from++] ?? 0;
    }
  }
  return turned;
}

function checkPlace(tensor: TensorProto): void {
  if (tensor.dataLocation || tensor.externalData?.length) {
    throw new ModelFileError(`Tensor ${quote(tensor.name)} lies outside of this file. Save the model with all data in one file.`);
  }
}

function checkSize(tensor: TensorProto, present: number): void {
  const dims = dimsOf(tensor);
  if (sizeOf(dims) !== present) {
    throw new ModelFileError(
      `Tensor ${quote(tensor.name)} claims the shape ${list(dims)}, but holds ${present} values. The file is damaged: export it again.`,
    );
  }
}

function list(dims: readonly number[]): string {
  return `[${dims.slice(0, 8).join(', ')}${dims.length > 8 ? ', …' : ''}]`;
}
