import type { Rng } from '@precrop/sdk/core/rng';
import type { Architecture } from '@precrop/sdk/ir/architecture';

/** A batch of noise: what an image shows changes nothing of a step's time. */
export interface RandomBatch {
  readonly images: Float32Array; // [batch, h, w, c]
  readonly labels: Int32Array; // [batch]
}

export function createRandomBatch({ input, classes }: Pick<Architecture, 'input' | 'classes'>, batch: number, rng: Rng): RandomBatch {
  const size = input.reduce((product, extent) => product * extent, batch);
  return {
    images: Float32Array.from({ length: size }, () => rng.uniform() * 2 - 1),
    labels: Int32Array.from({ length: batch }, () => rng.integer(0, classes - 1)),
  };
}
