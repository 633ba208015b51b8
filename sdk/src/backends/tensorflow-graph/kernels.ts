import { BackendError } from '../../core/errors.js';
import { type Pads, padsOf } from '../../ir/geometry.js';
import type { PrimitiveAttributes, PrimitiveKind, Value } from '../../ir/lowering.js';
import { type AttrValue, attr } from './graph-proto.js';
import { float, type GraphWriter, indexed } from './graph-writer.js';

/** An operation as its row sees it: values with their shapes, and the tensors that hold them. */
export interface KernelInput<A> {
  readonly graph: GraphWriter;
  readonly inputs: readonly Value[];
  readonly tensors: readonly string[];
  readonly attributes: A;
  /** A shape as an int32 tensor, with the batch size in place of -1. */
  readonly shapeTensor: (shape: readonly number[]) => string;
  /** Handle of a variable. */
  readonly handle: (variable: string) => string;
  /** Control dependency on the reading of a variable, so that it is never read after it was written. */
  readonly afterRead: (variable: string) => readonly string[];
}

/** Names of the output tensors; for an update, the name of the node that does it. */
type Kernel<A> = (at: KernelInput<A>) => readonly string[];

/** How TensorFlow computes each primitive. */
export const kernels: { readonly [K in PrimitiveKind]: Kernel<PrimitiveAttributes[K]> } = {
  conv2d: convolve('Conv2D'),
  conv2dBackpropInput: backpropInput('Conv2DBackpropInput'),
  conv2dBackpropFilter: backpropFilter('Conv2DBackpropFilter'),
  depthwiseConv2d: convolve('DepthwiseConv2dNative'),
  depthwiseConv2dBackpropInput: backpropInput('DepthwiseConv2dNativeBackpropInput'),
  depthwiseConv2dBackpropFilter: backpropFilter('DepthwiseConv2dNativeBackpropFilter'),
  matmul: ({ graph, tensors, attributes }) =>
    one(
      graph.node('MatMul', tensors, {
        ...float,
        transpose_a: attr.bool(attributes.transposeA),
        transpose_b: attr.bool(attributes.transposeB),
      }),
    ),

  batchNormTrain({ graph, tensors, attributes }) {
    const none = graph.constant([], [0]);
    const node = graph.node('FusedBatchNormV3', [...tensors, none, none], batchNormAttributes(attributes.epsilon, true));
    return outputs(node, 5);
  },
  batchNormTrainGrad({ graph, tensors, attributes }) {
    const [dy = '', x = '', scale = '', savedMean = '', savedVariance = ''] = tensors;
    // The forward node's last output holds what a device-specific kernel saved beside the two statistics.
    const reserve = savedMean.replace(/:3$/, ':5');
    const inputs = [dy, x, scale, savedMean, savedVariance, reserve];
    return outputs(graph.node('FusedBatchNormGradV3', inputs, batchNormAttributes(attributes.epsilon, true)), 3);
  },
  batchNormInfer: ({ graph, tensors, attributes }) =>
    one(graph.node('FusedBatchNormV3', tensors, batchNormAttributes(attributes.epsilon, false))),
  batchNormInferGrad({ graph, tensors, attributes }) {
    const inputs = [...tensors, graph.constant([], [0])];
    return outputs(graph.node('FusedBatchNormGradV3', inputs, batchNormAttributes(attributes.epsilon, false)), 3);
  },

  // Grappler fuses a Relu into the batch norm before it. oneDNN's fused kernel is fast at channels of whole AVX vectors and falls back to a
  // plain loop elsewhere, several times slower than the two apart; a Maximum is left alone.
  relu: ({ graph, inputs, tensors }) =>
    one(
      (inputs[0]?.shape.at(-1) ?? 0) % 8 === 0
        ? graph.node('Relu', tensors, float)
        : graph.node('Maximum', [...tensors, graph.constant([0], [])], float),
    ),
  reluGrad: unary('ReluGrad'),
  relu6: unary('Relu6'),
  relu6Grad: unary('Relu6Grad'),
  add({ graph, inputs, tensors }) {
    const isBias = inputs[1]?.shape.length === 1 && (inputs[0]?.shape.length ?? 0) > 1;
    return one(graph.node(isBias ? 'BiasAdd' : 'AddV2', tensors, isBias ? { ...float, data_format: attr.text('NHWC') } : float));
  },
  sub: unary('Sub'),
  mul: unary('Mul'),
  scale: ({ graph, tensors, attributes }) => one(graph.node('Mul', [...tensors, graph.constant([attributes.factor], [])], float)),
  reduceSum: reduce('Sum'),
  reduceMean: reduce('Mean'),
  reduceSumGrad: (at) => one(spread(at, at.tensors[0] ?? '')),
  reduceMeanGrad(at) {
    const { graph, attributes, shapeTensor, tensors } = at;
    const reduced = attributes.axes.map((axis) => attributes.inputShape[axis] ?? 1);
    const count = `${graph.node('Prod', [shapeTensor(reduced), graph.constant([0], [1], 'int32')], { T: attr.type('int32'), Tidx: attr.type('int32'), keep_dims: attr.bool(false) })}:0`;
    const divisor = `${graph.node('Cast', [count], { SrcT: attr.type('int32'), DstT: attr.type('float32') })}:0`;
    return one(spread(at, `${graph.node('RealDiv', [tensors[0] ?? '', divisor], float)}:0`));
  },

  fill: ({ graph, attributes, shapeTensor }) =>
    one(graph.node('Fill', [shapeTensor(attributes.shape), graph.constant([attributes.value], [])], indexed('index_type'))),
  concat: ({ graph, inputs, tensors }) =>
    one(
      graph.node('ConcatV2', [...tensors, graph.constant([(inputs[0]?.shape.length ?? 1) - 1], [], 'int32')], {
        ...indexed('Tidx'),
        N: attr.int(tensors.length),
      }),
    ),
  split({ graph, inputs, tensors, attributes: { sizes } }) {
    const axis = graph.constant([(inputs[0]?.shape.length ?? 1) - 1], [], 'int32');
    const node = graph.node('SplitV', [...tensors, graph.constant(sizes, [sizes.length], 'int32'), axis], {
      ...indexed('Tlen'),
      num_split: attr.int(sizes.length),
    });
    return outputs(node, sizes.length);
  },
  reshape: ({ graph, tensors, attributes }) =>
    one(graph.node('Reshape', [...tensors, graph.constant(attributes.shape, [attributes.shape.length], 'int32')], indexed('Tshape'))),
  transpose: ({ graph, tensors, attributes: { permutation } }) =>
    one(graph.node('Transpose', [...tensors, graph.constant(permutation, [permutation.length], 'int32')], indexed('Tperm'))),

  maxPool: ({ graph, inputs, tensors, attributes }) =>
    one(graph.node('MaxPool', tensors, poolAttributes(inputs[0]?.shape ?? [], attributes))),
  maxPoolGrad: ({ graph, inputs, tensors, attributes }) =>
    one(graph.node('MaxPoolGrad', tensors, poolAttributes(inputs[0]?.shape ?? [], attributes))),
  avgPool: ({ graph, inputs, tensors, attributes }) =>
    one(graph.node('AvgPool', tensors, withoutExplicit(poolAttributes(inputs[0]?.shape ?? [], attributes)))),
  avgPoolGrad: ({ graph, tensors, attributes, shapeTensor }) =>
    one(
      graph.node(
        'AvgPoolGrad',
        [shapeTensor(attributes.inputShape), ...tensors],
        withoutExplicit(poolAttributes(attributes.inputShape, attributes)),
      ),
    ),

  oneHot: ({ graph, tensors, attributes: { depth, on, off } }) =>
    one(
      graph.node('OneHot', [...tensors, graph.constant([depth], [], 'int32'), graph.constant([on], []), graph.constant([off], [])], {
        ...indexed('TI'),
        axis: attr.int(-1),
      }),
    ),
  softmax: unary('Softmax'),
  softmaxCrossEntropy: ({ graph, tensors }) => outputs(graph.node('SoftmaxCrossEntropyWithLogits', tensors, float), 2),

  assign: ({ graph, tensors, attributes: { variable }, handle, afterRead }) => [
    graph.node('AssignVariableOp', [handle(variable), ...tensors, ...afterRead(variable)], { dtype: attr.type('float32') }),
  ],
  applyMomentum({ graph, tensors, attributes: { variable, slot, momentum, nesterov }, handle, afterRead }) {
    const [gradient = '', learningRate = ''] = tensors;
    const inputs = [handle(variable), handle(slot), learningRate, gradient, graph.constant([momentum], []), ...afterRead(variable)];
    return [graph.node('ResourceApplyMomentum', inputs, { ...float, use_nesterov: attr.bool(nesterov), use_locking: attr.bool(false) })];
  },
  applyAdam({ graph, tensors, attributes, handle, afterRead }) {
    const { variable, firstMoment, secondMoment, beta1, beta2, epsilon, weightDecay } = attributes;
    const [gradient = '', learningRate = '', beta1Power = '', beta2Power = ''] = tensors;
    const scalar = (value: number): string => graph.constant([value], []);
    const after = [...afterRead(variable)];
    if (weightDecay > 0) {
      const value = `${graph.node('ReadVariableOp', [handle(variable), ...after], { dtype: attr.type('float32') })}:0`;
      const rate = `${graph.node('Mul', [learningRate, scalar(weightDecay)], float)}:0`;
      const shrink = `${graph.node('Mul', [value, rate], float)}:0`;
      after.push(`^${graph.node('AssignSubVariableOp', [handle(variable), shrink], { dtype: attr.type('float32') })}`);
    }
    const moments = [handle(firstMoment), handle(secondMoment), beta1Power, beta2Power, learningRate];
    // TensorFlow adds its epsilon before the correction of the second moment's bias; the paper, after it.
    const correction = `${graph.node('Sqrt', [`${graph.node('Sub', [scalar(1), beta2Power], float)}:0`], float)}:0`;
    const corrected = `${graph.node('Mul', [scalar(epsilon), correction], float)}:0`;
    const constants = [scalar(beta1), scalar(beta2), corrected];
    return [
      graph.node('ResourceApplyAdam', [handle(variable), ...moments, ...constants, gradient, ...after], {
        ...float,
        use_locking: attr.bool(false),
      }),
    ];
  },
};

function convolve(op: string): Kernel<PrimitiveAttributes['conv2d']> {
  return ({ graph, inputs, tensors, attributes }) =>
    one(graph.node(op, tensors, convAttributes(inputs[0]?.shape ?? [], inputs[1]?.shape ?? [], attributes)));
}

function backpropInput(op: string): Kernel<PrimitiveAttributes['conv2dBackpropInput']> {
  return ({ graph, inputs, tensors, attributes, shapeTensor }) =>
    one(
      graph.node(
        op,
        [shapeTensor(attributes.inputShape), ...tensors],
        convAttributes(attributes.inputShape, inputs[0]?.shape ?? [], attributes),
      ),
    );
}

function backpropFilter(op: string): Kernel<PrimitiveAttributes['conv2dBackpropFilter']> {
  return ({ graph, inputs, tensors: [x = '', dy = ''], attributes, shapeTensor }) => {
    const [kernelHeight, kernelWidth] = attributes.filterShape;
    const { strides, pads } = attributes;
    const shape = inputs[0]?.shape ?? [];
    const isPointwise = kernelHeight === 1 && kernelWidth === 1 && pads.every((pad) => pad === 0);
    if (!isPointwise || strides.every((stride) => stride === 1)) {
      return one(graph.node(op, [x, shapeTensor(attributes.filterShape), dy], convAttributes(shape, attributes.filterShape, attributes)));
    }
    // oneDNN's kernel for strided 1x1 filters writes past its memory at a batch of 1 (seen in TensorFlow 2.21 with AVX-512), so the pixels
    // that the stride skips are dropped first.
    const picked = `${pickStrided(graph, x, strides)}:0`;
    const unit = convAttributes(shape, attributes.filterShape, { strides: [1, 1], pads });
    return one(graph.node(op, [picked, shapeTensor(attributes.filterShape), dy], unit));
  };
}

function pickStrided(graph: GraphWriter, x: string, [height, width]: readonly [number, number]): string {
  const corners = graph.constant([0, 0, 0, 0], [4], 'int32');
  const steps = graph.constant([1, height, width, 1], [4], 'int32');
  return graph.node('StridedSlice', [x, corners, corners, steps], {
    ...indexed('Index'),
    begin_mask: attr.int(15),
    end_mask: attr.int(15),
  });
}

function unary(op: string): Kernel<unknown> {
  return ({ graph, tensors }) => one(graph.node(op, tensors, float));
}

function reduce(op: string): Kernel<PrimitiveAttributes['reduceSum']> {
  return ({ graph, tensors, attributes: { axes } }) =>
    one(graph.node(op, [...tensors, graph.constant(axes, [axes.length], 'int32')], { ...indexed('Tidx'), keep_dims: attr.bool(false) }));
}

// Puts the dropped axes back with extent 1, then repeats along them.
function spread({ graph, attributes, shapeTensor }: KernelInput<PrimitiveAttributes['reduceSumGrad']>, tensor: string): string {
  const kept = attributes.inputShape.map((extent, axis) => (attributes.axes.includes(axis) ? 1 : extent));
  const reshaped = `${graph.node('Reshape', [tensor, shapeTensor(kept)], indexed('Tshape'))}:0`;
  return graph.node('BroadcastTo', [reshaped, shapeTensor(attributes.inputShape)], indexed('Tidx'));
}

function one(node: string): readonly string[] {
  return [`${node}:0`];
}

function outputs(node: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${node}:${index}`);
}

function batchNormAttributes(epsilon: number, isTraining: boolean): Readonly<Record<string, AttrValue>> {
  return {
    ...float,
    U: attr.type('float32'),
    epsilon: attr.float(epsilon),
    data_format: attr.text('NHWC'),
    is_training: attr.bool(isTraining),
  };
}

function convAttributes(
  input: readonly number[],
  kernel: readonly number[],
  { strides, pads }: PrimitiveAttributes['conv2d'],
): Readonly<Record<string, AttrValue>> {
  return { ...float, ...paddingAttributes(input, [kernel[0] ?? 1, kernel[1] ?? 1], strides, pads), strides: attr.ints([1, ...strides, 1]) };
}

function poolAttributes(
  input: readonly number[],
  { window, strides, pads }: PrimitiveAttributes['maxPool'],
): Readonly<Record<string, AttrValue>> {
  const padding = paddingAttributes(input, window, strides, pads);
  return { ...float, ...padding, ksize: attr.ints([1, ...window, 1]), strides: attr.ints([1, ...strides, 1]) };
}

function paddingAttributes(
  input: readonly number[],
  kernel: readonly [number, number],
  strides: readonly [number, number],
  pads: Pads,
): Readonly<Record<string, AttrValue>> {
  const format = { data_format: attr.text('NHWC') };
  if (pads.every((pad) => pad === 0)) return { ...format, padding: attr.text('VALID') };
  const same = padsOf({ kernel, strides, padding: 'same' }, input[1] ?? 0, input[2] ?? 0);
  if (pads.join() === same.join()) return { ...format, padding: attr.text('SAME') };
  return { ...format, padding: attr.text('EXPLICIT'), explicit_paddings: attr.ints([0, 0, ...pads, 0, 0]) };
}

function withoutExplicit(attributes: Readonly<Record<string, AttrValue>>): Readonly<Record<string, AttrValue>> {
  if (attributes['explicit_paddings']) {
    throw new BackendError('TensorFlow has no average pooling with explicit padding. Use padding "same" or "valid".');
  }
  return attributes;
}
