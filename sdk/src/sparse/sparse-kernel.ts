import type { SparseKernel } from './network.js';

/**
 * The weights that are not zero of a kernel [kh, kw, inC / groups, outC], by output channel, and of each in the order of the memory that they read.
 */
export function toSparseKernel(
  kernel: Float32Array,
  [places, inputs, outputs]: readonly [number, number, number],
  groups: number,
  bias: Float32Array | undefined,
): SparseKernel {
  const count = kernel.reduce((sum, weight) => sum + (weight === 0 ? 0 : 1), 0);
  const sparse = createKernel(outputs, count, bias);
  const outputsOfGroup = outputs / groups;
  let next = 0;
  for (let output = 0; output < outputs; output++) {
    const firstInput = Math.floor(output / outputsOfGroup) * inputs;
    for (let input = 0; input < inputs; input++) {
      for (let place = 0; place < places; place++) {
        const weight = kernel[(place * inputs + input) * outputs + output] as number;
        if (weight === 0) continue;
        sparse.inputs[next] = firstInput + input;
        sparse.places[next] = place;
        sparse.weights[next++] = weight;
      }
    }
    sparse.ends[output] = next;
  }
  return sparse;
}

/** Kernel [kh, kw, c, 1]: each channel reads the one input of its number. */
export function toDepthwiseKernel(kernel: Float32Array, places: number, bias: Float32Array | undefined): SparseKernel {
  return toSparseKernel(kernel, [places, 1, kernel.length / places], kernel.length / places, bias);
}

/** One weight a channel. */
export function toScalingKernel(factors: Float32Array, bias?: Float32Array): SparseKernel {
  return toDepthwiseKernel(factors, 1, bias);
}

function createKernel(outputs: number, count: number, bias: Float32Array | undefined): SparseKernel {
  return {
    ends: new Uint32Array(outputs),
    inputs: new Uint32Array(count),
    places: new Uint32Array(count),
    weights: new Float32Array(count),
    bias: bias ?? new Float32Array(outputs),
  };
}
