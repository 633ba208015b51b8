import { at, float32, type PrimitiveTable } from '../primitive.js';

type Kinds = 'batchNormTrain' | 'batchNormTrainGrad' | 'batchNormInfer' | 'batchNormInferGrad';

/** Batch normalisation over all axes but the channels. Ioffe & Szegedy 2015, arXiv 1502.03167, §3. */
export const normalisation: PrimitiveTable<Kinds> = {
  batchNormTrain: {
    outputs([x, scale]) {
      const perChannel = float32(...(scale?.shape ?? []));
      return [float32(...(x?.shape ?? [])), perChannel, perChannel, perChannel, perChannel];
    },
    // The batch's mean and variance go to the moving averages alone: their own gradient is not propagated.
    gradient({ emitAll, inputs, outputs, attributes, upstream }) {
      const [x, scale] = [at(inputs, 0), at(inputs, 1)];
      return emitAll('batchNormTrainGrad', [at(upstream, 0), x, scale, at(outputs, 3), at(outputs, 4)], attributes);
    },
  },
  batchNormTrainGrad: {
    outputs: ([dy, , scale]) => [float32(...(dy?.shape ?? [])), float32(...(scale?.shape ?? [])), float32(...(scale?.shape ?? []))],
  },
  batchNormInfer: {
    outputs: ([x]) => [float32(...(x?.shape ?? []))],
    inPlace: [0],
    // The moving averages are constants to the gradient.
    gradient({ emitAll, inputs, attributes, upstream }) {
      const [x, scale, , mean, variance] = inputs;
      return emitAll('batchNormInferGrad', [at(upstream, 0), at([x], 0), at([scale], 0), at([mean], 0), at([variance], 0)], attributes);
    },
  },
  batchNormInferGrad: {
    outputs: ([dy, , scale]) => [float32(...(dy?.shape ?? [])), float32(...(scale?.shape ?? [])), float32(...(scale?.shape ?? []))],
    inPlace: [0],
  },
};
