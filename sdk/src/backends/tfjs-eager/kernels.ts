import {
  add,
  broadcastTo,
  cast,
  concat,
  div,
  exp,
  fill,
  log,
  matMul,
  max,
  mean,
  mul,
  neg,
  oneHot,
  relu,
  relu6,
  reshape,
  softmax,
  split,
  step,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  transpose,
} from '@tensorflow/tfjs-core';
import type { PrimitiveAttributes, PrimitiveKind } from '../../ir/lowering.js';
import { composedGradients, composedOn } from './composed-gradients.js';
import type { TfjsDevice } from './device.js';
import { inputAt, type Kernel, type KernelInput, type KernelTable, withBatch } from './kernel.js';
import { normalisationKernels } from './normalisation-kernels.js';
import { updateKernels } from './update-kernels.js';
import { windowKernels } from './window-kernels.js';

/** How tfjs computes each primitive. */
const kernels: KernelTable<PrimitiveKind> = {
  ...windowKernels,
  ...normalisationKernels,
  ...updateKernels,

  relu: ({ inputs }) => [relu(inputAt(inputs, 0))],
  reluGrad: ({ inputs }) => [mul(inputAt(inputs, 0), step(inputAt(inputs, 1)))],
  relu6: ({ inputs }) => [relu6(inputAt(inputs, 0))],
  relu6Grad({ inputs }) {
    const y = inputAt(inputs, 1);
    return [mul(inputAt(inputs, 0), mul(step(y), step(sub(6, y))))];
  },
  add: ({ inputs }) => [add(inputAt(inputs, 0), inputAt(inputs, 1))],
  sub: ({ inputs }) => [sub(inputAt(inputs, 0), inputAt(inputs, 1))],
  mul: ({ inputs }) => [mul(inputAt(inputs, 0), inputAt(inputs, 1))],
  scale: ({ inputs, attributes: { factor } }) => [mul(inputAt(inputs, 0), factor)],

  reduceSum: ({ inputs, attributes: { axes } }) => [sum(inputAt(inputs, 0), [...axes])],
  reduceMean: ({ inputs, attributes: { axes } }) => [mean(inputAt(inputs, 0), [...axes])],
  reduceSumGrad: (at) => [spread(at, inputAt(at.inputs, 0))],
  reduceMeanGrad(at) {
    const shape = withBatch(at.attributes.inputShape, at.batch);
    const count = at.attributes.axes.reduce((product, axis) => product * (shape[axis] ?? 1), 1);
    return [spread(at, div(inputAt(at.inputs, 0), count))];
  },

  fill: ({ attributes: { shape, value }, batch }) => [fill(withBatch(shape, batch), value)],
  concat: ({ inputs }) => [concat([...inputs], -1)],
  split: ({ inputs, attributes: { sizes } }) => split(inputAt(inputs, 0), [...sizes], -1),
  reshape: ({ inputs, attributes: { shape }, batch }) => [reshape(inputAt(inputs, 0), withBatch(shape, batch))],
  transpose: ({ inputs, attributes: { permutation } }) => [transpose(inputAt(inputs, 0), [...permutation])],

  matmul: ({ inputs, attributes: { transposeA, transposeB } }) => [matMul(inputAt(inputs, 0), inputAt(inputs, 1), transposeA, transposeB)],
  oneHot({ inputs, attributes: { depth, on, off } }) {
    const hot = cast(oneHot(inputAt<Tensor1D>(inputs, 0), depth, 1, 0, 'int32'), 'float32'); // wasm's kernel writes integers alone
    return [add(mul(hot, on - off), off)];
  },
  softmax: ({ inputs }) => [softmax(inputAt(inputs, 0))],
  softmaxCrossEntropy({ inputs }) {
    const [logits, targets] = [inputAt<Tensor2D>(inputs, 0), inputAt<Tensor2D>(inputs, 1)];
    const shifted = sub(logits, max(logits, -1, true));
    const logProbabilities = sub(shifted, log(sum(exp(shifted), -1, true)));
    return [neg(sum(mul(targets, logProbabilities), -1)), sub(exp(logProbabilities), targets)];
  },
};

/** The row of a primitive on a device. */
export function kernelOf<K extends PrimitiveKind>(kind: K, device: TfjsDevice): Kernel<PrimitiveAttributes[K]> {
  const composed = composedOn[device].find((other) => other === kind);
  return (composed ? composedGradients[composed] : kernels[kind]) as Kernel<PrimitiveAttributes[K]>;
}

// Puts the dropped axes back with extent 1, then repeats along them.
function spread({ attributes, batch }: KernelInput<PrimitiveAttributes['reduceSumGrad']>, dy: Tensor): Tensor {
  const shape = withBatch(attributes.inputShape, batch);
  const kept = shape.map((extent, axis) => (attributes.axes.includes(axis) ? 1 : extent));
  return broadcastTo(reshape(dy, kept), shape);
}
