import { PreCropError } from '../../core/errors.js';
import type { Value } from '../../ir/lowering.js';
import { at, type Emit, float32, type GradientInput, type PrimitiveTable } from '../primitive.js';

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
    gradient: differentiateTrainGrad,
  },
  batchNormInfer: {
    outputs: ([x]) => [float32(...(x?.shape ?? []))],
    inPlace: [0],
    // The moving averages are constants to the gradient.
    gradient({ emitAll, inputs, attributes, upstream, wanted }) {
      refuseStatistics(wanted, 'batchNormInfer');
      const [x, scale, , mean, variance] = inputs;
      return emitAll('batchNormInferGrad', [at(upstream, 0), at([x], 0), at([scale], 0), at([mean], 0), at([variance], 0)], attributes);
    },
  },
  batchNormInferGrad: {
    outputs: ([dy, , scale]) => [float32(...(dy?.shape ?? [])), float32(...(scale?.shape ?? [])), float32(...(scale?.shape ?? []))],
    inPlace: [0],
    gradient: differentiateInferGrad,
  },
};

/**
 * With r = 1 / deviation, n = (x - mean) · r and P(a) = a - mean(a) - n · mean(a · n), the primitive is dx = scale · r · P(dy), dscale =
 * sum(dy · n), doffset = sum(dy). P is its own transpose and dn = r · P(dx), so that with u, v, w upstream of the three
 *
 *     of dy:    scale · r · P(u) + n · v + w
 *     of x:     r · P(dy · (v - scale · r · mean(n · u)) - u · (scale · r · mean(n · dy))) - n · (scale · r² · mean(u · P(dy)))
 *     of scale: sum(u · r · P(dy))
 *
 * where r · P is the primitive itself at scale 1: no other is needed. The saved statistics are the batch's own, functions of x, and what
 * goes through them is in the gradient of x.
 */
function differentiateTrainGrad({
  emit,
  inputs,
  attributes,
  upstream,
  wanted,
}: GradientInput<'batchNormTrainGrad'>): readonly (Value | undefined)[] {
  const [dy, x, scale, mean, variance] = [0, 1, 2, 3, 4].map((index) => at(inputs, index)) as [Value, Value, Value, Value, Value];
  const [u, v, w] = upstream;
  const [ones, zeros] = [1, 0].map((value) => emit('fill', [], { shape: scale.shape, value })) as [Value, Value];
  const axes = pixelAxes(x);
  const project = (value: Value, factor: Value): Value => emit('batchNormTrainGrad', [value, x, factor, mean, variance], attributes);
  const normalise = (factor: Value, offset: Value): Value => emit('batchNormInfer', [x, factor, offset, mean, variance], attributes);
  const times = (a: Value, b: Value): Value => emit('mul', [a, b], {});
  const projected = u && (wanted[1] || wanted[2]) ? times(u, project(dy, ones)) : undefined;

  const throughX = (): Value | undefined => {
    if (!u) return v && project(times(dy, v), ones);
    const normalised = normalise(ones, zeros);
    const factor = times(scale, inverseDeviation(emit, variance, attributes.epsilon)); // scale · r
    const meanWith = (value: Value): Value => times(factor, emit('reduceMean', [times(value, normalised)], { axes }));
    const ofDy = times(dy, v ? emit('sub', [v, meanWith(u)], {}) : emit('scale', [meanWith(u)], { factor: -1 }));
    const inner = project(emit('sub', [ofDy, times(u, meanWith(dy))], {}), ones);
    const throughDeviation = times(factor, emit('reduceMean', [at([projected], 0)], { axes }));
    return emit('sub', [inner, times(normalised, throughDeviation)], {});
  };
  return [
    wanted[0] ? sumOf(emit, [u && project(u, scale), (v || w) && normalise(v ?? zeros, w ?? zeros)]) : undefined,
    wanted[1] ? throughX() : undefined,
    wanted[2] && projected ? emit('reduceSum', [projected], { axes }) : undefined,
  ];
}

/** The same where mean and variance are constants: dx = scale · r · dy. */
function differentiateInferGrad({
  emit,
  inputs,
  attributes,
  upstream,
  wanted,
}: GradientInput<'batchNormInferGrad'>): readonly (Value | undefined)[] {
  refuseStatistics(wanted, 'batchNormInferGrad');
  const [dy, x, scale, mean, variance] = [0, 1, 2, 3, 4].map((index) => at(inputs, index)) as [Value, Value, Value, Value, Value];
  const [u, v, w] = upstream;
  const [ones, zeros] = [1, 0].map((value) => emit('fill', [], { shape: scale.shape, value })) as [Value, Value];
  const over = (value: Value, factor: Value): Value => emit('batchNormInferGrad', [value, x, factor, mean, variance], attributes);
  const linear = v || w ? emit('batchNormInfer', [x, v ?? zeros, w ?? zeros, mean, variance], attributes) : undefined;
  return [
    wanted[0] ? sumOf(emit, [u && over(u, scale), linear]) : undefined,
    wanted[1] && v ? over(dy, v) : undefined,
    wanted[2] && u ? emit('reduceSum', [emit('mul', [u, over(dy, ones)], {})], { axes: pixelAxes(x) }) : undefined,
  ];
}

// 1 / sqrt(variance + epsilon), [c]: what batch norm makes of an image of ones.
function inverseDeviation(emit: Emit, variance: Value, epsilon: number): Value {
  const [ones, zeros] = [1, 0].map((value) => emit('fill', [], { shape: variance.shape, value })) as [Value, Value];
  const image = emit('fill', [], { shape: [1, 1, 1, ...variance.shape], value: 1 });
  return emit('reshape', [emit('batchNormInfer', [image, ones, zeros, zeros, variance], { epsilon })], { shape: variance.shape });
}

// Third derivatives of batch norm in training would need it, and must not come out wrong in silence.
function refuseStatistics(wanted: readonly boolean[], kind: Kinds): void {
  if (wanted[3] || wanted[4]) {
    throw new PreCropError(
      'failed',
      `The primitive ${kind} has no gradient of its mean and variance, but the target depends on a source through them.`,
    );
  }
}

function pixelAxes({ shape }: Value): readonly number[] {
  return Array.from({ length: shape.length - 1 }, (_, axis) => axis);
}

function sumOf(emit: Emit, terms: readonly (Value | undefined)[]): Value | undefined {
  const [first, second] = terms.filter((term) => term !== undefined);
  return first && second ? emit('add', [first, second], {}) : first;
}
