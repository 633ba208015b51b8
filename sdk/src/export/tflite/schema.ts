/**
 * The part of TensorFlow Lite's schema, version 3a, that PreCrop writes and reads: numbers of enums, and the slots of its tables in their order.
 * They are those of tflite.fbs (tensorflow/lite/schema/schema.fbs), Copyright 2017 The TensorFlow Authors, Apache-2.0.
 */
import type { Table, Value } from './table.js';

export const fileIdentifier = 'TFL3';
export const schemaVersion = 3;

export const tensorTypes = { float32: 0, float16: 1, int32: 2 } as const;
export type TensorType = keyof typeof tensorTypes;

export const paddings = { same: 0, valid: 1 } as const;
export const activations = { none: 0, relu: 1, relu6: 3 } as const;
export type Activation = keyof typeof activations;

/** Operators by name: number in BuiltinOperator, number of its table in the union BuiltinOptions, and the version that old readers know. */
export const operators = {
  ADD: { code: 0, options: 11, version: 1 },
  AVERAGE_POOL_2D: { code: 1, options: 5, version: 1 },
  CONCATENATION: { code: 2, options: 10, version: 1 },
  CONV_2D: { code: 3, options: 1, version: 1 },
  DEPTHWISE_CONV_2D: { code: 4, options: 2, version: 1 },
  DEQUANTIZE: { code: 6, options: 38, version: 3 }, // 3: of float16
  FULLY_CONNECTED: { code: 9, options: 8, version: 1 },
  MAX_POOL_2D: { code: 17, options: 5, version: 1 },
  MUL: { code: 18, options: 21, version: 1 },
  RELU: { code: 19, options: 0, version: 1 },
  RELU6: { code: 21, options: 0, version: 1 },
  RESHAPE: { code: 22, options: 17, version: 1 },
  PAD: { code: 34, options: 22, version: 1 },
  TRANSPOSE: { code: 39, options: 26, version: 1 },
  MEAN: { code: 40, options: 27, version: 1 },
  STRIDED_SLICE: { code: 45, options: 32, version: 1 },
  SPLIT: { code: 49, options: 35, version: 1 },
  PADV2: { code: 60, options: 43, version: 1 },
  DENSIFY: { code: 124, options: 99, version: 1 },
} as const;
export type OperatorName = keyof typeof operators;

export interface WindowOptions {
  readonly padding: keyof typeof paddings;
  /** [vertical, horizontal] */
  readonly strides: readonly [number, number];
  readonly activation: Activation;
}

const byte = (value: number): Value => ({ byte: value });
const int = (value: number): Value => ({ int: value });

/** Conv2DOptions */
export function conv2dOptions({ padding, strides, activation }: WindowOptions): Table {
  return [byte(paddings[padding]), int(strides[1]), int(strides[0]), byte(activations[activation])];
}

/** DepthwiseConv2DOptions, of one filter a channel */
export function depthwiseConv2dOptions({ padding, strides, activation }: WindowOptions): Table {
  return [byte(paddings[padding]), int(strides[1]), int(strides[0]), int(1), byte(activations[activation])];
}

/** Pool2DOptions; the window is [height, width] */
export function pool2dOptions({ padding, strides, activation }: WindowOptions, window: readonly [number, number]): Table {
  return [byte(paddings[padding]), int(strides[1]), int(strides[0]), int(window[1]), int(window[0]), byte(activations[activation])];
}

/** AddOptions, MulOptions, FullyConnectedOptions */
export function activationOptions(activation: Activation): Table {
  return [byte(activations[activation])];
}

/** ConcatenationOptions */
export function concatenationOptions(axis: number): Table {
  return [int(axis), byte(activations.none)];
}

/** ReshapeOptions */
export function reshapeOptions(shape: readonly number[]): Table {
  return [{ ints: shape }];
}

/** ReducerOptions */
export function reducerOptions(keepDims: boolean): Table {
  return [byte(Number(keepDims))];
}

/** SplitOptions */
export function splitOptions(parts: number): Table {
  return [int(parts)];
}

/** StridedSliceOptions; masks name the axes whose first and last index stay open. */
export function stridedSliceOptions(beginMask: number, endMask: number): Table {
  return [int(beginMask), int(endMask)];
}

/** Slots of the tables that are read back, by the schema's names. */
export const slots = {
  model: { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4, metadataBuffer: 5, metadata: 6, signatureDefs: 7 },
  operatorCode: { deprecatedBuiltinCode: 0, customCode: 1, version: 2, builtinCode: 3 },
  subgraph: { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 },
  tensor: {
    shape: 0,
    type: 1,
    buffer: 2,
    name: 3,
    quantization: 4,
    isVariable: 5,
    sparsity: 6,
    shapeSignature: 7,
    hasRank: 8,
    variants: 9,
  },
  quantization: { min: 0, max: 1, scale: 2, zeroPoint: 3, detailsType: 4, details: 5, dimension: 6 },
  sparsity: { traversalOrder: 0, blockMap: 1, dimensions: 2 },
  dimension: { format: 0, denseSize: 1, segmentsType: 2, segments: 3, indicesType: 4, indices: 5 },
  operator: { opcodeIndex: 0, inputs: 1, outputs: 2, optionsType: 3, options: 4, customOptions: 5, mutating: 7, intermediates: 8 },
  buffer: { data: 0, offset: 1, size: 2 },
  metadata: { name: 0, buffer: 1 },
  signature: { inputs: 0, outputs: 1, key: 2, subgraphIndex: 4 },
  tensorMap: { name: 0, tensorIndex: 1 },
} as const;
