import type { Value } from '../../ir/lowering.js';
import { at, type Emit, float32, type PrimitiveTable } from '../primitive.js';

type Kinds = 'matmul' | 'oneHot' | 'softmax' | 'softmaxCrossEntropy';

/** The classifier: matrix product, softmax and its loss. */
export const linear: PrimitiveTable<Kinds> = {
  matmul: {
    outputs: ([a, b], { transposeA, transposeB }) => [float32(a?.shape[transposeA ? 1 : 0] ?? 0, b?.shape[transposeB ? 0 : 1] ?? 0)],
    gradient({ emit, inputs, attributes: { transposeA, transposeB }, upstream, wanted }) {
      const [a, b, dy] = [at(inputs, 0), at(inputs, 1), at(upstream, 0)];
      const product = (x: typeof a, y: typeof a, transposeX: boolean, transposeY: boolean): typeof a =>
        emit('matmul', [x, y], { transposeA: transposeX, transposeB: transposeY });
      return [
        wanted[0] ? (transposeA ? product(b, dy, transposeB, true) : product(dy, b, false, !transposeB)) : undefined,
        wanted[1] ? (transposeB ? product(dy, a, true, transposeA) : product(a, dy, !transposeA, false)) : undefined,
      ];
    },
  },
  oneHot: { outputs: ([labels], { depth }) => [float32(...(labels?.shape ?? []), depth)] },
  softmax: {
    outputs: ([logits]) => [float32(...(logits?.shape ?? []))],
    inPlace: [0],
    gradient: ({ emit, outputs, upstream }) => [throughSoftmax(emit, at(outputs, 0), at(upstream, 0))],
  },
  /** The targets are constants to the gradient. */
  softmaxCrossEntropy: {
    outputs: ([logits]) => [float32(logits?.shape[0] ?? -1), float32(...(logits?.shape ?? []))],
    gradient({ emit, inputs, outputs, upstream: [ofLoss, ofLogitsGradient] }) {
      const first = ofLoss && timesRows(emit, at(outputs, 1), ofLoss);
      const second = ofLogitsGradient && throughSoftmax(emit, emit('softmax', [at(inputs, 0)], {}), ofLogitsGradient);
      return [first && second ? emit('add', [first, second], {}) : (first ?? second), undefined];
    },
  },
};

// p · (u - sum of p · u over the classes), where p are probabilities.
function throughSoftmax(emit: Emit, probabilities: Value, upstream: Value): Value {
  const weighted = emit('mul', [probabilities, upstream], {});
  const sums = emit('reduceSum', [weighted], { axes: [1] });
  return emit('sub', [weighted, timesRows(emit, probabilities, sums)], {});
}

// Each row of [n, classes] times its factor of [n]: done on [classes, n], where the factors are the trailing axis.
function timesRows(emit: Emit, rows: Value, factors: Value): Value {
  const turned = emit('transpose', [rows], { permutation: [1, 0] });
  return emit('transpose', [emit('mul', [turned, factors], {})], { permutation: [1, 0] });
}
