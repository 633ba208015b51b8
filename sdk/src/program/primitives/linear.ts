import { at, float32, type PrimitiveTable } from '../primitive.js';

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
  softmax: { outputs: ([logits]) => [float32(...(logits?.shape ?? []))], inPlace: [0] },
  softmaxCrossEntropy: {
    outputs: ([logits]) => [float32(logits?.shape[0] ?? -1), float32(...(logits?.shape ?? []))],
    gradient({ emit, outputs, upstream }) {
      // dlogits of each image times the upstream of its loss: as [classes, n] so that the loss is the trailing axis.
      const turned = emit('transpose', [at(outputs, 1)], { permutation: [1, 0] });
      const weighted = emit('mul', [turned, at(upstream, 0)], {});
      return [emit('transpose', [weighted], { permutation: [1, 0] }), undefined];
    },
  },
};
