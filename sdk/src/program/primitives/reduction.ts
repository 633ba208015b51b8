import { at, float32, type Primitive, type PrimitiveTable } from '../primitive.js';

type Kinds = 'reduceSum' | 'reduceSumGrad' | 'reduceMean' | 'reduceMeanGrad';

/** Sums and means over axes, which are dropped, and the spreading that undoes their shape. */
export const reduction: PrimitiveTable<Kinds> = {
  ...createReduction('reduceSum', 'reduceSumGrad'),
  ...createReduction('reduceMean', 'reduceMeanGrad'),
} as PrimitiveTable<Kinds>;

function createReduction<K extends 'reduceSum' | 'reduceMean'>(kind: K, gradient: `${K}Grad`): Record<string, Primitive<never>> {
  const reduce: Primitive<'reduceSum'> = {
    outputs: ([x], { axes }) => [float32(...(x?.shape.filter((_, axis) => !axes.includes(axis)) ?? []))],
    gradient: ({ emit, inputs, attributes, upstream }) => [
      emit(gradient, [at(upstream, 0)], { axes: attributes.axes, inputShape: at(inputs, 0).shape }),
    ],
  };
  const spread: Primitive<'reduceSumGrad'> = {
    outputs: (_inputs, { inputShape }) => [float32(...inputShape)],
    gradient: ({ emit, attributes, upstream }) => [emit(kind, [at(upstream, 0)], { axes: attributes.axes })],
  };
  return { [kind]: reduce, [gradient]: spread };
}
