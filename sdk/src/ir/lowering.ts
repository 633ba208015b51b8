import type { Pads } from './geometry.js';

/**
 * The words in which ops describe their computation. `program` implements the builder and gives each primitive its shapes
 * and gradient; backends run them. Layout is NHWC, kernels are [kh, kw, inC, outC], every value carries the batch first.
 */

/** A value of a program: the result of a primitive, an input, or a variable as read when the program starts. */
export interface Value {
  readonly id: number;
  /** With the batch: [-1, h, w, c] where -1 stands for the batch size. Weights and scalars have none. */
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

export interface WindowAttributes {
  readonly window: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: Pads;
}
export interface ConvAttributes {
  readonly strides: readonly [number, number];
  readonly pads: Pads;
}
type None = Readonly<Record<never, never>>;

/** Every primitive and its attributes. Shapes in attributes hold -1 for the batch. */
export interface PrimitiveAttributes {
  conv2d: ConvAttributes; // x, w -> y
  conv2dBackpropInput: ConvAttributes & { readonly inputShape: readonly number[] }; // w, dy -> dx
  conv2dBackpropFilter: ConvAttributes & { readonly filterShape: readonly number[] }; // x, dy -> dw
  depthwiseConv2d: ConvAttributes; // x, w [kh, kw, c, 1] -> y
  depthwiseConv2dBackpropInput: ConvAttributes & { readonly inputShape: readonly number[] }; // w, dy -> dx
  depthwiseConv2dBackpropFilter: ConvAttributes & { readonly filterShape: readonly number[] }; // x, dy -> dw
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean }; // a, b -> a·b
  /** variance has Bessel's correction, for the moving average; saved* are what the gradient needs (biased variance). */
  batchNormTrain: { readonly epsilon: number }; // x, scale, offset -> y, mean, variance, savedMean, savedVariance
  batchNormTrainGrad: { readonly epsilon: number }; // dy, x, scale, savedMean, savedVariance -> dx, dscale, doffset
  batchNormInfer: { readonly epsilon: number }; // x, scale, offset, mean, variance -> y
  batchNormInferGrad: { readonly epsilon: number }; // dy, x, scale, mean, variance -> dx, dscale, doffset
  relu: None; // x -> y
  reluGrad: None; // dy, y -> dx
  relu6: None; // x -> y
  relu6Grad: None; // dy, y -> dx
  add: None; // a, b -> a + b; b may be a trailing part of a's shape, or a scalar
  sub: None; // a, b of one shape
  mul: None; // a, b; b may be a trailing part of a's shape, or a scalar
  scale: { readonly factor: number }; // x -> x · factor
  reduceSum: { readonly axes: readonly number[] }; // x -> sum, axes dropped
  reduceSumGrad: { readonly axes: readonly number[]; readonly inputShape: readonly number[] }; // dy -> dx
  reduceMean: { readonly axes: readonly number[] }; // x -> mean, axes dropped
  reduceMeanGrad: { readonly axes: readonly number[]; readonly inputShape: readonly number[] }; // dy -> dx
  fill: { readonly shape: readonly number[]; readonly value: number }; // -> a constant
  concat: None; // along channels
  split: { readonly sizes: readonly number[] }; // along channels, one output a size
  reshape: { readonly shape: readonly number[] };
  transpose: { readonly permutation: readonly number[] };
  maxPool: WindowAttributes; // x -> y; padding never wins
  maxPoolGrad: WindowAttributes; // x, y, dy -> dx
  avgPool: WindowAttributes; // x -> y; padding is not counted
  avgPoolGrad: WindowAttributes & { readonly inputShape: readonly number[] }; // dy -> dx
  oneHot: { readonly depth: number; readonly on: number; readonly off: number }; // labels int32 [n] -> [n, depth]
  softmax: None; // logits [n, classes] -> probabilities
  softmaxCrossEntropy: None; // logits, targets [n, classes] -> loss [n], dlogits [n, classes]
  assign: { readonly variable: string }; // value ->
  applyMomentum: { readonly variable: string; readonly slot: string; readonly momentum: number; readonly nesterov: boolean }; // gradient, learningRate ->
  applyAdam: {
    readonly variable: string;
    readonly firstMoment: string;
    readonly secondMoment: string;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    /** Decoupled decay: the variable shrinks by learningRate · weightDecay before the update. */
    readonly weightDecay: number;
  }; // gradient, learningRate, beta1Power, beta2Power ->
}
export type PrimitiveKind = keyof PrimitiveAttributes;

/** The primitives that slide a window over an image. */
export type WindowPrimitiveKind =
  | 'conv2d'
  | 'conv2dBackpropInput'
  | 'conv2dBackpropFilter'
  | 'depthwiseConv2d'
  | 'depthwiseConv2dBackpropInput'
  | 'depthwiseConv2dBackpropFilter'
  | 'maxPool'
  | 'maxPoolGrad'
  | 'avgPool'
  | 'avgPoolGrad';

export type VariableRole = 'kernel' | 'bias' | 'scale' | 'offset' | 'moving-mean' | 'moving-variance' | 'slot' | 'mask';

export type Initializer =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  /** Normal with deviation sqrt(2 / fanIn). He et al. 2015, arXiv 1502.01852, eq. 10. */
  | { readonly kind: 'he-normal'; readonly fanIn: number }
  /** Uniform in ±1/sqrt(fanIn). */
  | { readonly kind: 'fan-in-uniform'; readonly fanIn: number };

export interface VariableSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: VariableRole;
  readonly initializer: Initializer;
}

export interface LoweringBuilder {
  /** Batch norm uses the batch's statistics and moves its averages (`train`), or uses the moving averages (`infer`). */
  readonly mode: 'train' | 'infer';
  /** Declares a variable (once a name) and gives its value as read at the program's start. */
  variable(spec: VariableSpec): Value;
  /** Emits a primitive and gives its first output. */
  emit<K extends PrimitiveKind>(kind: K, inputs: readonly Value[], attributes: PrimitiveAttributes[K]): Value;
  /** Emits a primitive and gives all its outputs. */
  emitAll<K extends PrimitiveKind>(kind: K, inputs: readonly Value[], attributes: PrimitiveAttributes[K]): readonly Value[];
}
