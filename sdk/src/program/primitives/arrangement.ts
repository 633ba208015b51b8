import type { Value } from '../../ir/lowering.js';
import { at, float32, type PrimitiveTable } from '../primitive.js';

type Kinds = 'fill' | 'concat' | 'split' | 'reshape' | 'transpose';

/** Primitives that only make or move values. */
export const arrangement: PrimitiveTable<Kinds> = {
  fill: { outputs: (_inputs, { shape }) => [float32(...shape)] },
  concat: {
    outputs: (inputs) => [float32(...at(inputs, 0).shape.slice(0, -1), total(inputs.map(channels)))],
    gradient: ({ emitAll, inputs, upstream }) => emitAll('split', [at(upstream, 0)], { sizes: inputs.map(channels) }),
  },
  split: {
    outputs: ([x], { sizes }) => sizes.map((size) => float32(...(x?.shape.slice(0, -1) ?? []), size)),
    gradient({ emit, outputs, upstream }) {
      // A part that nothing depends on still has its place: its gradient is zero.
      const parts = outputs.map((output, index) => upstream[index] ?? emit('fill', [], { shape: output.shape, value: 0 }));
      return [emit('concat', parts, {})];
    },
  },
  reshape: {
    outputs: (_inputs, { shape }) => [float32(...shape)],
    isView: true,
    gradient: ({ emit, inputs, upstream }) => [emit('reshape', [at(upstream, 0)], { shape: at(inputs, 0).shape })],
  },
  transpose: {
    outputs: ([x], { permutation }) => [float32(...permutation.map((axis) => x?.shape[axis] ?? 0))],
    gradient: ({ emit, attributes, upstream }) => [
      emit('transpose', [at(upstream, 0)], { permutation: attributes.permutation.map((_, axis) => attributes.permutation.indexOf(axis)) }),
    ],
  },
};

function channels(value: Value): number {
  return value.shape.at(-1) ?? 0;
}

function total(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
