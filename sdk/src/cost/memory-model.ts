import type { Architecture } from '../ir/architecture.js';
import { countArchitecture } from '../ir/count.js';
import { sizeOf } from '../ir/node.js';
import { toShapedNodes } from '../ir/shapes.js';
import { createActivationCounter } from './activation-peak.js';
import { factorize, solveLower, solveUpper } from './cholesky.js';

/** What the memory of inference is made of, bytes. */
export interface MemoryParts {
  readonly weightBytes: number;
  /** Results that are needed at once, where most are. */
  readonly activationBytes: number;
}

const bytes = 4;

/** Bytes that one pass at a batch size needs. */
export function countMemoryParts(architecture: Architecture, batch: number): MemoryParts {
  const sizes = new Map(toShapedNodes(architecture).map(({ node, output }) => [node.id, sizeOf(output)]));
  const peak = createActivationCounter(architecture).countPeak((id) => sizes.get(id) ?? 0);
  return { weightBytes: countArchitecture(architecture).params * bytes, activationBytes: peak * batch * bytes };
}

export interface MemoryObservation extends MemoryParts {
  readonly peakBytes: number;
}

export interface MemoryModel {
  /** Mean and standard deviation, bytes. */
  estimate(parts: MemoryParts): { readonly bytes: number; readonly deviation: number };
  /** Bytes of a fresh process without any network; and what a byte of each part adds. */
  readonly baseBytes: number;
  readonly perWeightByte: number;
  readonly perActivationByte: number;
  /** For each observation, what the others say of it: in standard deviations, and as a fraction. */
  readonly leftOut: readonly { readonly deviations: number; readonly relative: number }[];
}

/** What is thought of an engine before it is measured: copies of the weights and of the results that it holds; and how far measurements scatter. */
const prior = { weightCopies: 3, activationCopies: 1.5, spread: 1.5, scatter: 0.02, leastScatterBytes: 5e5 };

/**
 * Peak memory as base + copies · weights + copies · activations: Bayesian linear regression (Bishop 2006, "Pattern Recognition and Machine
 * Learning", §3.3) from an engine's base and a few networks.
 */
export function fitMemoryModel(baseBytes: number, observations: readonly MemoryObservation[]): MemoryModel {
  const { mean, lower, noise } = regress(baseBytes, observations);
  const at = ({ weightBytes, activationBytes }: MemoryParts): number =>
    (mean[0] as number) + (mean[1] as number) * weightBytes + (mean[2] as number) * activationBytes;
  const leftOut = observations.map((left, index) => {
    const others = regress(
      baseBytes,
      observations.filter((_, other) => other !== index),
    );
    const { weightBytes, activationBytes, peakBytes } = left;
    const features = Float64Array.of(1, weightBytes, activationBytes);
    const guess = features.reduce((sum, feature, part) => sum + feature * (others.mean[part] as number), 0);
    return {
      deviations: (peakBytes - guess) / deviationOf(features, others.lower, noise(guess)),
      relative: (peakBytes - guess) / peakBytes,
    };
  });
  return {
    baseBytes: mean[0] as number,
    perWeightByte: mean[1] as number,
    perActivationByte: mean[2] as number,
    leftOut,
    estimate(parts) {
      const bytes = at(parts);
      const features = Float64Array.of(1, parts.weightBytes, parts.activationBytes);
      return { bytes, deviation: deviationOf(features, lower, noise(bytes)) };
    },
  };
}

function regress(baseBytes: number, observations: readonly MemoryObservation[]) {
  const { weightCopies, activationCopies, spread, scatter, leastScatterBytes } = prior;
  const noise = (peakBytes: number): number => Math.hypot(scatter * peakBytes, leastScatterBytes);
  const means = [baseBytes, weightCopies, activationCopies];
  const deviations = [noise(baseBytes), spread * weightCopies, spread * activationCopies];
  // Precision of the coefficients, and precision times their mean.
  const precision = new Float64Array(9);
  const target = new Float64Array(3);
  deviations.forEach((deviation, part) => {
    precision[part * 3 + part] = 1 / deviation ** 2;
    target[part] = (means[part] as number) / deviation ** 2;
  });
  for (const { weightBytes, activationBytes, peakBytes } of observations) {
    const features = [1, weightBytes, activationBytes];
    const weight = 1 / noise(peakBytes) ** 2;
    for (let row = 0; row < 3; row++) {
      target[row] = (target[row] as number) + weight * (features[row] as number) * peakBytes;
      for (let column = 0; column < 3; column++) {
        precision[row * 3 + column] =
          (precision[row * 3 + column] as number) + weight * (features[row] as number) * (features[column] as number);
      }
    }
  }
  const lower = factorize(precision, 3);
  return { mean: solveUpper(lower, solveLower(lower, target)), lower, noise };
}

function deviationOf(features: Float64Array, lower: Float64Array, noise: number): number {
  const explained = solveLower(lower, features).reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(explained + noise ** 2);
}
