import type { Rng } from '@precrop/sdk/core/rng';
import type { VariableSpec } from '@precrop/sdk/ir/lowering';
import { initializeVariables } from '@precrop/sdk/program/variables';

const tile = 4099; // a prime: no row of a kernel is like the next

/**
 * First values as `initializeVariables` gives them, but with the random ones repeated every few thousand: a large network has them in
 * milliseconds, and takes as long to run.
 */
export function tileWeights(variables: readonly VariableSpec[], rng: Rng): Map<string, Float32Array> {
  return new Map(
    variables.map((variable) => {
      const size = variable.shape.reduce((product, extent) => product * extent, 1);
      if (size <= tile) return [variable.name, initialize(variable, rng)];
      const pattern = initialize({ ...variable, shape: [tile] }, rng);
      const values = new Float32Array(size);
      for (let start = 0; start < size; start += tile) values.set(pattern.subarray(0, Math.min(tile, size - start)), start);
      return [variable.name, values];
    }),
  );
}

function initialize(variable: VariableSpec, rng: Rng): Float32Array {
  return initializeVariables([variable], rng).get(variable.name) as Float32Array;
}
