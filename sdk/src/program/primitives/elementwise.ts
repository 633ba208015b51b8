import type { Value } from '../../ir/lowering.js';
import { at, type Emit, type GradientInput, likeFirst, type PrimitiveTable } from '../primitive.js';

type Kinds = 'relu' | 'reluGrad' | 'relu6' | 'relu6Grad' | 'add' | 'sub' | 'mul' | 'scale';

/** Primitives that work element by element. The second operand of `add` and `mul` may be a trailing part of the first's shape. */
export const elementwise: PrimitiveTable<Kinds> = {
  ...activation('relu', 'reluGrad'),
  ...activation('relu6', 'relu6Grad'),
  add: {
    outputs: likeFirst,
    inPlace: [0, 1],
    gradient: ({ emit, inputs, upstream, wanted }) => [
      at(upstream, 0),
      wanted[1] ? sumTo(emit, at(upstream, 0), at(inputs, 1).shape) : undefined,
    ],
  },
  sub: {
    outputs: likeFirst,
    inPlace: [0, 1],
    gradient: ({ emit, upstream, wanted }) => [at(upstream, 0), wanted[1] ? emit('scale', [at(upstream, 0)], { factor: -1 }) : undefined],
  },
  mul: {
    outputs: likeFirst,
    inPlace: [0, 1],
    gradient({ emit, inputs, upstream, wanted }) {
      const [a, b, dy] = [at(inputs, 0), at(inputs, 1), at(upstream, 0)];
      return [wanted[0] ? emit('mul', [dy, b], {}) : undefined, wanted[1] ? sumTo(emit, emit('mul', [dy, a], {}), b.shape) : undefined];
    },
  },
  scale: {
    outputs: likeFirst,
    inPlace: [0],
    gradient: ({ emit, attributes, upstream }) => [emit('scale', [at(upstream, 0)], attributes)],
  },
};

// The gradient takes the output rather than the input: so the input's memory is free after the forward pass.
function activation<K extends 'relu' | 'relu6'>(kind: K, gradient: `${K}Grad`): Pick<PrimitiveTable<Kinds>, K | `${K}Grad`> {
  return {
    [kind]: {
      outputs: likeFirst,
      inPlace: [0],
      gradient: ({ emit, outputs, upstream }: GradientInput<'relu'>) => [emit(gradient, [at(upstream, 0), at(outputs, 0)], {} as never)],
    },
    [gradient]: {
      outputs: likeFirst,
      inPlace: [0],
      // Piecewise linear: the second derivative is zero where it exists.
      gradient: ({ emit, inputs, upstream }: GradientInput<'relu'>) => [
        emit(gradient, [at(upstream, 0), at(inputs, 1)], {} as never),
        undefined,
      ],
    },
  } as unknown as Pick<PrimitiveTable<Kinds>, K | `${K}Grad`>;
}

function sumTo(emit: Emit, gradient: Value, shape: readonly number[]): Value {
  const leading = gradient.shape.length - shape.length;
  if (leading === 0) return gradient;
  return emit('reduceSum', [gradient], { axes: Array.from({ length: leading }, (_, axis) => axis) });
}
