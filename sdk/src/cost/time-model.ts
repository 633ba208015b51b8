import { factorize, inverseDiagonal, solveLower, solveUpper } from './cholesky.js';
import { createSum } from './kernel-field.js';
import { type KernelPoint, type MachineRates, partCount, toKernelPoint } from './kernel-prior.js';
import type { Kernel } from './kernels.js';
import {
  collectKinds,
  createPoints,
  crossCovariance,
  dot,
  type Row,
  type RowPriors,
  type TimedKind,
  type TimedKinds,
  toRow,
  varianceOf,
} from './network-rows.js';

/**
 * How long networks take, from how long other networks took. A network's time is the sum of its kernels' times, and a kernel's time is a
 * Gaussian process: what the machine's rates say, corrected by factors of its kind and by a smooth function of its sizes (Rasmussen & Williams
 * 2006, "Gaussian Processes for Machine Learning", §2.2, §2.7 for the linear part, §5.4.2 for leaving one out). Sums of a Gaussian process are
 * Gaussian too, so whole networks teach what their kernels take without any kernel being timed alone, in the state in which caches really are,
 * and every estimate has its error.
 */
export interface TimeModel {
  /** Mean and standard deviation, ms, of a network of these kernels, measured now. `network` is a name that timings of kin share. */
  estimate(kernels: readonly Kernel[], batch: number, network: string): { readonly ms: number; readonly deviation: number };
  /** The mean of one kernel, ms: what a search adds up. */
  kernelMs(kernel: Kernel, batch: number): number;
  /** Factor that kin of this name need on the sum of their kernels. */
  factorOf(network: string): number;
  /** For each timing, what the others say of it: in standard deviations, and as a fraction of it. */
  readonly leftOut: readonly { readonly deviations: number; readonly relative: number }[];
}

export interface Timing {
  readonly kernels: readonly Kernel[];
  readonly batch: number;
  readonly network: string;
  readonly ms: number;
  /** Standard error of `ms` as a fraction of it. */
  readonly relativeError: number;
  /** Of the machine, in which everything takes longer or shorter; the usual one where left out. Where some timings are `late`, that is asked for. */
  readonly state?: string | undefined;
  /** Drawn at random: left out, it shows how far off estimates usually are. */
  readonly isRandom?: boolean;
}

/** Standard deviations of what is not known beforehand, as fractions of what is expected. */
export interface TimeModelPriors extends RowPriors {
  /** A network deviates from the sum of its kernels; kin do so together. */
  readonly network: number;
  readonly kin: number;
  /** Factor of a part of the work, common to all that is measured in one state other than the usual one. */
  readonly state: number;
}

export const defaultPriors: TimeModelPriors = {
  shared: 1,
  kind: 0.35,
  smooth: 0.45,
  otherAlignment: 0.8,
  network: 0.03,
  kin: 0.1,
  state: 0.3,
};

/** The state that the machine is in by now, whatever it is. */
export const late = 'late';

/** @throws RangeError for timings that are not above 0. */
export function fitTimeModel(measured: readonly Timing[], best: MachineRates, priors: TimeModelPriors = defaultPriors): TimeModel {
  const n = measured.length;
  const toPoint = createPoints(best);
  const rows = measured.map(({ kernels, batch }) => toRow(kernels, batch, toPoint, priors));
  // No network reaches the machine's best rates: time has a unit here in which half of them take longer than expected, and half less.
  const unit = measured.map(({ ms }, i) => ms / (rows[i] as Row).expectedMs).sort((a, b) => a - b)[n >> 1] ?? 1;
  const timings = measured.map((timing): Timing => ({ ...timing, ms: timing.ms / unit }));
  const kinds = collectKinds(rows, priors);
  const lower = factorize(toCovariance(timings, rows, kinds, priors), n);
  const residual = Float64Array.from(timings, ({ ms }, i) => ms - (rows[i] as Row).expectedMs);
  const weights = solveUpper(lower, solveLower(lower, residual)); // one a timing
  const asked = timings.some(({ state }) => state === late) ? late : undefined;
  const pointMs = createPointMs(timings, rows, kinds, weights, priors, asked);
  const kinWeights = new Map<string, number>();
  timings.forEach(({ network }, i) => {
    kinWeights.set(network, (kinWeights.get(network) ?? 0) + (weights[i] as number) * (rows[i] as Row).expectedMs);
  });
  const factorOf = (network: string): number => 1 + priors.kin ** 2 * (kinWeights.get(network) ?? 0);

  return {
    kernelMs: (kernel, batch) => unit * pointMs(toKernelPoint(kernel, batch, best)),
    factorOf,
    leftOut: leaveOut(timings, lower, weights),
    estimate(kernels, batch, network) {
      const row = toRow(kernels, batch, toPoint, priors);
      let sum = 0;
      for (const { kernels: alike } of row.kinds.values()) for (const { point, count } of alike) sum += count * pointMs(point);
      const ms = sum * factorOf(network);
      const ofState = (state: string | undefined): number => (asked !== undefined && state === asked ? priors.state ** 2 : 0);
      const own = (priors.network ** 2 + priors.kin ** 2) * ms * ms + ofState(asked) * dot(row.parts, row.parts) + varianceOf(row, priors);
      const cross = crossCovariance(row, rows, kinds, priors);
      timings.forEach((timing, i) => {
        const other = rows[i] as Row;
        const kin = timing.network === network ? priors.kin ** 2 * ms * other.expectedMs : 0;
        cross[i] = (cross[i] as number) + kin + ofState(timing.state) * dot(row.parts, other.parts);
      });
      const explained = solveLower(lower, cross).reduce((total, value) => total + value * value, 0);
      return { ms: unit * ms, deviation: unit * Math.sqrt(Math.max(own - explained, (priors.network * ms) ** 2)) };
    },
  };
}

/** Covariance between the timings, lower triangle, n x n. */
function toCovariance(timings: readonly Timing[], rows: readonly Row[], kinds: TimedKinds, priors: TimeModelPriors): Float64Array {
  const n = timings.length;
  const covariance = new Float64Array(n * n);
  rows.forEach((row, i) => {
    const cross = crossCovariance(row, rows.slice(0, i + 1), kinds, priors);
    const a = timings[i] as Timing;
    for (let j = 0; j <= i; j++) {
      const [b, other] = [timings[j] as Timing, rows[j] as Row];
      const kin = a.network === b.network ? priors.kin ** 2 * row.expectedMs * other.expectedMs : 0;
      const isOneState = a.state !== undefined && a.state === b.state;
      const state = isOneState ? priors.state ** 2 * dot(row.parts, other.parts) : 0;
      covariance[i * n + j] = (cross[j] as number) + kin + state;
    }
    covariance[i * n + i] = (covariance[i * n + i] as number) + (a.relativeError ** 2 + priors.network ** 2) * a.ms ** 2;
  });
  return covariance;
}

function addScaled(sum: Float64Array, values: Float64Array, scale: number): void {
  for (let part = 0; part < partCount; part++) sum[part] = (sum[part] as number) + scale * (values[part] as number);
}

function weighParts({ parts }: KernelPoint, weights: Float64Array): number {
  let total = 0;
  for (let part = 0; part < partCount; part++) total += (parts[part] as number) * (weights[part] as number);
  return total;
}

/** What a kernel takes in the state that is asked for, given the weight of each timing. */
function createPointMs(
  timings: readonly Timing[],
  rows: readonly Row[],
  kinds: TimedKinds,
  weights: Float64Array,
  priors: TimeModelPriors,
  asked: string | undefined,
): (point: KernelPoint) => number {
  const partWeights = new Float64Array(partCount);
  rows.forEach(({ parts }, i) => {
    const own = priors.shared ** 2 + (asked !== undefined && timings[i]?.state === asked ? priors.state ** 2 : 0);
    addScaled(partWeights, parts, own * (weights[i] as number));
  });
  const sums = new Map([...kinds].map(([kind, timed]) => [kind, createKindMs(timed, weights, partWeights, priors)]));
  return (point) => {
    const corrected = point.expectedMs + (sums.get(point.kind)?.(point) ?? weighParts(point, partWeights));
    return Math.max(corrected, 0);
  };
}

/** How far kernels of one kind deviate from what is expected. */
function createKindMs(
  { field, rows }: TimedKind,
  weights: Float64Array,
  partWeights: Float64Array,
  priors: TimeModelPriors,
): (point: KernelPoint) => number {
  const pointWeights = new Float64Array(rows.at(-1)?.seen ?? 0);
  const ownWeights = partWeights.slice();
  for (const { row, indices, deviations, parts } of rows) {
    const weight = weights[row] as number;
    for (const [k, index] of indices.entries()) pointWeights[index] = (pointWeights[index] as number) + (deviations[k] as number) * weight;
    addScaled(ownWeights, parts, priors.kind ** 2 * weight);
  }
  const sumOf = createSum(field, pointWeights);
  return (point) => priors.smooth * point.expectedMs * sumOf(point) + weighParts(point, ownWeights);
}

function leaveOut(timings: readonly Timing[], lower: Float64Array, weights: Float64Array): TimeModel['leftOut'] {
  const precision = inverseDiagonal(lower, timings.length);
  return timings.map(({ ms }, i) => {
    const error = (weights[i] as number) / (precision[i] as number);
    return { deviations: error * Math.sqrt(precision[i] as number), relative: error / ms };
  });
}
