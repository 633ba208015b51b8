import { add, batchNorm, div, mean, mul, rsqrt, squaredDifference, sub, sum, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { inputAt, type KernelTable } from './kernel.js';

type Kinds = 'batchNormTrain' | 'batchNormTrainGrad' | 'batchNormInfer' | 'batchNormInferGrad';

/** Batch normalisation and its gradients. Ioffe & Szegedy 2015, arXiv 1502.03167, §3. */
export const normalisationKernels: KernelTable<Kinds> = {
  batchNormTrain({ inputs, attributes: { epsilon } }) {
    const [x, scale, offset] = [inputAt(inputs, 0), inputAt<Tensor1D>(inputs, 1), inputAt<Tensor1D>(inputs, 2)];
    const batchMean = mean<Tensor1D>(x, allButChannels(x));
    const biased = mean<Tensor1D>(squaredDifference(x, batchMean), allButChannels(x));
    const count = pixelsOf(x);
    const unbiased = mul(biased, count / Math.max(count - 1, 1));
    return [batchNorm(x, batchMean, biased, offset, scale, epsilon), batchMean, unbiased, batchMean.clone(), biased];
  },
  batchNormTrainGrad({ inputs, attributes: { epsilon } }) {
    const { dy, dscale, doffset, normalised, factor } = toParts(inputs, epsilon);
    const count = pixelsOf(dy);
    const throughStatistics = add(div(doffset, count), mul(normalised, div(dscale, count)));
    return [mul(sub(dy, throughStatistics), factor), dscale, doffset];
  },
  batchNormInfer({ inputs, attributes: { epsilon } }) {
    const [scale, offset, movingMean, variance] = [1, 2, 3, 4].map((index) => inputAt<Tensor1D>(inputs, index));
    return [batchNorm(inputAt(inputs, 0), movingMean as Tensor1D, variance as Tensor1D, offset, scale, epsilon)];
  },
  batchNormInferGrad({ inputs, attributes: { epsilon } }) {
    const { dy, dscale, doffset, factor } = toParts(inputs, epsilon);
    return [mul(dy, factor), dscale, doffset];
  },
};

interface Parts {
  readonly dy: Tensor;
  /** (x - mean) / deviation. */
  readonly normalised: Tensor;
  /** scale / deviation, a channel. */
  readonly factor: Tensor;
  readonly dscale: Tensor;
  readonly doffset: Tensor;
}

function toParts(inputs: readonly Tensor[], epsilon: number): Parts {
  const [dy, x, scale, center, variance] = [0, 1, 2, 3, 4].map((index) => inputAt(inputs, index)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const inverseDeviation = rsqrt(add(variance, epsilon));
  const normalised = mul(sub(x, center), inverseDeviation);
  const axes = allButChannels(x);
  return { dy, normalised, factor: mul(scale, inverseDeviation), dscale: sum(mul(dy, normalised), axes), doffset: sum(dy, axes) };
}

function allButChannels(x: Tensor): number[] {
  return Array.from({ length: x.rank - 1 }, (_, axis) => axis);
}

// Values that one channel's statistics are made of.
function pixelsOf(x: Tensor): number {
  return x.size / (x.shape.at(-1) ?? 1);
}
