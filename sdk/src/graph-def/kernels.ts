import type { PrimitiveAttributes, PrimitiveKind } from '../ir/lowering.js';
import { type AttrValue, attr } from './graph-proto.js';
import { float, indexed } from './graph-writer.js';
import { type Kernel, type KernelInput, one, outputs } from './kernel.js';
import { windowKernels } from './window-kernels.js';

/** How TensorFlow computes each primitive. */
export const kernels: { readonly [K in PrimitiveKind]: Kernel<PrimitiveAttributes[K]> } = {
  ...windowKernels,
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

function batchNormAttributes(epsilon: number, isTraining: boolean): Readonly<Record<string, AttrValue>> {
  return {
    ...float,
    U: attr.type('float32'),
    epsilon: attr.float(epsilon),
    data_format: attr.text('NHWC'),
    is_training: attr.bool(isTraining),
  };
}
