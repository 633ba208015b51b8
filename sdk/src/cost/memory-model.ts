import type { Architecture } from '../ir/architecture.js';
import { paramsAt, placeNodes, toSetting } from '../ir/placed-nodes.js';
import type { Widths } from '../ir/widths.js';
import { createActivationCounter } from './activation-peak.js';
import { factorize, solveLower, solveUpper } from './cholesky.js';
import { countKernels } from './kernels.js';

/** What the memory of inference is made of, bytes. */
export interface MemoryParts {
  readonly weightBytes: number;
  /** Results that are needed at once, where most are. */
  readonly activationBytes: number;
  /** Kernels that the runtime keeps records of. */
  readonly kernels: number;
}

const bytes = 4;

/** Bytes that one pass at a batch size needs. @param widths where the architecture has others than its own */
export function countMemoryParts(architecture: Architecture, batch: number, widths: Widths = new Map()): MemoryParts {
  const { nodes } = placeNodes(architecture);
  const setting = toSetting(architecture, widths);
  return {
    weightBytes: nodes.reduce((sum, node) => sum + paramsAt(node, setting), 0) * bytes,
    activationBytes: createActivationCounter(architecture).countPeak(setting) * batch * bytes,
    kernels: countKernels(architecture, 'inference'),
  };
}

export interface MemoryObservation extends MemoryParts {
  readonly peakBytes: number;
}

/** Bytes as a line over the parts. */
export interface MemoryLine {
  /** Of a fresh process without any network. */
  readonly baseBytes: number;
  readonly perWeightByte: number;
  readonly perActivationByte: number;
  readonly perKernel: number;
}

export interface MemoryModel extends MemoryLine {
  /** Mean and standard deviation, bytes. */
  estimate(parts: MemoryParts): { readonly bytes: number; readonly deviation: number };
  /** For each observation, what the others say of it: in standard deviations, and as a fraction. */
  readonly leftOut: readonly { readonly deviations: number; readonly relative: number }[];
}

/**
 * What is thought of an engine before it is measured: copies of the weights and of the results that it holds, bytes a kernel; and how uncertain
 * that is. The base is that of the smallest of networks: any other needs a little more.
 */
const prior = {
  means: { weights: 4, activations: 1.5, kernels: 4e4 },
  deviations: { base: 0.08, weights: 4, activations: 2, kernels: 4e4 },
};
/**
 * How far a network is from the line: a fraction of what it needs over the base, and bytes at least. Runtimes allocate in steps, and reuse what
 * fits: 40 settings each of three networks lay 6 to 14 % of that off the best line of their own.
 */
const scatter = { relative: 0.08, bytes: 5e5 };
const size = 4;

/**
 * Peak memory as base + copies · weights + copies · activations + records · kernels: Bayesian linear regression (Bishop 2006, "Pattern
 * Recognition and Machine Learning", §3.3) from an engine's base and a few networks.
 */
export function fitMemoryModel(baseBytes: number, observations: readonly MemoryObservation[]): MemoryModel {
  const fit = regress(baseBytes, observations);
  const [base = 0, perWeightByte = 0, perActivationByte = 0, perKernel = 0] = fit.coefficients;
  return {
    baseBytes: base,
    perWeightByte,
    perActivationByte,
    perKernel,
    estimate: fit.estimate,
    leftOut: observations.map((left, index) => {
      const { bytes, deviation } = regress(
        baseBytes,
        observations.filter((_, other) => other !== index),
      ).estimate(left);
      return { deviations: (left.peakBytes - bytes) / deviation, relative: (left.peakBytes - bytes) / left.peakBytes };
    }),
  };
}

function regress(baseBytes: number, observations: readonly MemoryObservation[]) {
  const { means, deviations } = prior;
  const expected = [baseBytes, means.weights, means.activations, means.kernels];
  const uncertain = [deviations.base * Math.max(baseBytes, 1e6), deviations.weights, deviations.activations, deviations.kernels];
  // Precision of the coefficients, and precision times their mean.
  const precision = new Float64Array(size * size);
  const target = new Float64Array(size);
  uncertain.forEach((deviation, part) => {
    precision[part * size + part] = 1 / deviation ** 2;
    target[part] = (expected[part] as number) / deviation ** 2;
  });
  for (const observation of observations) {
    const features = toFeatures(observation);
    const weight = 1 / noiseOf(observation.peakBytes - baseBytes) ** 2;
    for (let row = 0; row < size; row++) {
      target[row] = (target[row] as number) + weight * (features[row] as number) * observation.peakBytes;
      for (let column = 0; column < size; column++) {
        const at = row * size + column;
        precision[at] = (precision[at] as number) + weight * (features[row] as number) * (features[column] as number);
      }
    }
  }
  const lower = factorize(precision, size);
  const coefficients = solveUpper(lower, solveLower(lower, target));
  return {
    coefficients,
    estimate(parts: MemoryParts): { readonly bytes: number; readonly deviation: number } {
      const features = toFeatures(parts);
      const bytes = features.reduce((sum, feature, part) => sum + feature * (coefficients[part] as number), 0);
      const unexplained = solveLower(lower, features).reduce((sum, value) => sum + value * value, 0);
      return { bytes, deviation: Math.sqrt(unexplained + noiseOf(bytes - baseBytes) ** 2) };
    },
  };
}

function toFeatures({ weightBytes, activationBytes, kernels }: MemoryParts): Float64Array {
  return Float64Array.of(1, weightBytes, activationBytes, kernels);
}

function noiseOf(overBase: number): number {
  return Math.hypot(scatter.relative * Math.max(overBase, 0), scatter.bytes);
}
