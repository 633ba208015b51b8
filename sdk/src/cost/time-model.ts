import { factorize, inverseDiagonal, solveLower, solveUpper } from './cholesky.js';
import { covarianceOf, createKernelField, type FieldPriors, type KernelField } from './kernel-field.js';
import { type KernelPoint, type MachineRates, partCount, toKernelPoint } from './kernel-prior.js';
import { type Kernel, keyOf } from './kernels.js';

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
export interface TimeModelPriors extends FieldPriors {
  /** Factor of a part of the work, common to all kernels. */
  readonly shared: number;
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

/** A kernel of a network, where it stands among its kind, and how often it occurs. */
interface Placed {
  readonly point: KernelPoint;
  readonly index: number;
  count: number;
}

type Fields = Map<string, KernelField>;

/** @throws RangeError for timings that are not above 0. */
export function fitTimeModel(timings: readonly Timing[], best: MachineRates, priors: TimeModelPriors = defaultPriors): TimeModel {
  const n = timings.length;
  const rates = toUsualRates(timings, best);
  const fields: Fields = new Map();
  const rows = timings.map(({ kernels, batch }) => placeKernels(kernels, batch, rates, fields, priors));
  const kernelCounts = new Map([...fields].map(([kind, { size }]) => [kind, size()]));
  const parts = rows.map(sumParts);
  const sizes = rows.map(expectedMs); // about what each takes, without looking at its own timing
  const lower = factorize(toCovariance(timings, rows, sizes, parts, fields, priors), n);
  const residual = Float64Array.from(timings, ({ ms }, i) => ms - expectedMs(rows[i] ?? []));
  const weights = solveUpper(lower, solveLower(lower, residual)); // one a timing
  const asked = timings.some(({ state }) => state === late) ? late : undefined;
  const pointMs = createPointMs(timings, rows, parts, weights, fields, priors, asked);
  const kinWeights = new Map<string, number>();
  timings.forEach(({ network }, i) => {
    kinWeights.set(network, (kinWeights.get(network) ?? 0) + (weights[i] as number) * (sizes[i] as number));
  });
  const factorOf = (network: string): number => 1 + priors.kin ** 2 * (kinWeights.get(network) ?? 0);

  const known = new Map<string, number>();
  const kernelMs = (kernel: Kernel, batch: number): number => {
    const key = `${batch} ${keyOf(kernel)}`;
    let ms = known.get(key);
    if (ms === undefined) {
      ms = pointMs(toKernelPoint(kernel, batch, rates));
      known.set(key, ms);
    }
    return ms;
  };

  return {
    kernelMs,
    factorOf,
    leftOut: leaveOut(timings, lower, weights),
    estimate(kernels, batch, network) {
      const ms = kernels.reduce((sum, kernel) => sum + kernelMs(kernel, batch), 0) * factorOf(network);
      const row = placeKernels(kernels, batch, rates, new Map(), priors);
      const ownParts = sumParts(row);
      const ofState = (state: string | undefined): number => (asked !== undefined && state === asked ? priors.state ** 2 : 0);
      const own = (priors.network ** 2 + priors.kin ** 2) * ms * ms + ofState(asked) * dot(ownParts, ownParts) + varianceOf(row, priors);
      const cross = crossCovariance(row, rows, kernelCounts, parts, fields, priors);
      timings.forEach((timing, i) => {
        const kin = timing.network === network ? priors.kin ** 2 * ms * (sizes[i] as number) : 0;
        cross[i] = (cross[i] as number) + kin + ofState(timing.state) * dot(ownParts, parts[i] as Float64Array);
      });
      const explained = solveLower(lower, cross).reduce((sum, value) => sum + value * value, 0);
      return { ms, deviation: Math.sqrt(Math.max(own - explained, (priors.network * ms) ** 2)) };
    },
  };
}

function placeKernels(
  kernels: readonly Kernel[],
  batch: number,
  rates: MachineRates,
  fields: Fields,
  priors: FieldPriors,
): readonly Placed[] {
  const row = new Map<string, Placed>();
  for (const kernel of kernels) {
    const key = `${batch} ${keyOf(kernel)}`;
    const seen = row.get(key);
    if (seen) {
      seen.count++;
      continue;
    }
    const point = toKernelPoint(kernel, batch, rates);
    let field = fields.get(point.kind);
    if (!field) {
      field = createKernelField(priors);
      fields.set(point.kind, field);
    }
    row.set(key, { point, index: field.indexOf(key, point), count: 1 });
  }
  return [...row.values()];
}

/** Covariance between the timings, lower triangle, n x n. */
function toCovariance(
  timings: readonly Timing[],
  rows: readonly (readonly Placed[])[],
  sizes: readonly number[],
  parts: readonly Float64Array[],
  fields: Fields,
  priors: TimeModelPriors,
): Float64Array {
  const n = timings.length;
  const covariance = new Float64Array(n * n);
  const seen = new Map<string, number>(); // kernels of each kind in the rows so far
  rows.forEach((row, i) => {
    for (const { point, index } of row) seen.set(point.kind, Math.max(seen.get(point.kind) ?? 0, index + 1));
    const cross = crossCovariance(row, rows.slice(0, i + 1), seen, parts, fields, priors);
    const a = timings[i] as Timing;
    for (let j = 0; j <= i; j++) {
      const b = timings[j] as Timing;
      const kin = a.network === b.network ? priors.kin ** 2 * (sizes[i] as number) * (sizes[j] as number) : 0;
      const isOneState = a.state !== undefined && a.state === b.state;
      const state = isOneState ? priors.state ** 2 * dot(parts[i] as Float64Array, parts[j] as Float64Array) : 0;
      covariance[i * n + j] = (cross[j] as number) + kin + state;
    }
    covariance[i * n + i] = (covariance[i * n + i] as number) + (a.relativeError ** 2 + priors.network ** 2) * a.ms ** 2;
  });
  return covariance;
}

/** How two rows of parts vary together where each part has a factor of its own. */
function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let part = 0; part < partCount; part++) total += (a[part] as number) * (b[part] as number);
  return total;
}

/** Covariance of one network's kernels with those of each timing. @param seen kernels of each kind that occur in them. */
function crossCovariance(
  row: readonly Placed[],
  rows: readonly (readonly Placed[])[],
  seen: ReadonlyMap<string, number>,
  parts: readonly Float64Array[],
  fields: Fields,
  priors: TimeModelPriors,
): Float64Array {
  // Summed over the network's own kernels first: then each timing reads one number a kernel.
  const sums = new Map<string, Float64Array>();
  for (const { point, count } of row) {
    const sum = sums.get(point.kind) ?? new Float64Array(seen.get(point.kind) ?? 0);
    sums.set(point.kind, sum);
    fields.get(point.kind)?.addCovariances(point, count, sum);
  }
  const own = sumParts(row);
  return Float64Array.from(rows, (other, i) => {
    let total = 0;
    for (const { point, index, count } of other) total += count * (sums.get(point.kind)?.[index] ?? 0);
    return total + priors.shared ** 2 * dot(own, parts[i] as Float64Array);
  });
}

function varianceOf(row: readonly Placed[], priors: TimeModelPriors): number {
  let variance = 0;
  for (const part of sumParts(row)) variance += (priors.shared * part) ** 2;
  for (const a of row) {
    for (const b of row) if (a.point.kind === b.point.kind) variance += a.count * b.count * covarianceOf(a.point, b.point, priors);
  }
  return variance;
}

/** What a kernel takes in the state that is asked for, given the weight of each timing. */
function createPointMs(
  timings: readonly Timing[],
  rows: readonly (readonly Placed[])[],
  parts: readonly Float64Array[],
  weights: Float64Array,
  fields: Fields,
  priors: TimeModelPriors,
  asked: string | undefined,
): (point: KernelPoint) => number {
  const pointWeights = new Map([...fields].map(([kind, { size }]) => [kind, new Float64Array(size())]));
  const partWeights = new Float64Array(partCount);
  rows.forEach((row, i) => {
    const weight = weights[i] as number;
    for (const { point, index, count } of row) {
      const values = pointWeights.get(point.kind) as Float64Array;
      values[index] = (values[index] as number) + count * weight;
    }
    const own = priors.shared ** 2 + (asked !== undefined && timings[i]?.state === asked ? priors.state ** 2 : 0);
    for (let part = 0; part < partCount; part++)
      partWeights[part] = (partWeights[part] as number) + own * weight * (parts[i]?.[part] as number);
  });
  const sums = new Map([...fields].map(([kind, field]) => [kind, field.createSum(pointWeights.get(kind) as Float64Array)]));
  return (point) => {
    let ms = point.expectedMs + (sums.get(point.kind)?.(point) ?? 0);
    for (let part = 0; part < partCount; part++) ms += (point.parts[part] as number) * (partWeights[part] as number);
    return Math.max(ms, 0);
  };
}

function leaveOut(timings: readonly Timing[], lower: Float64Array, weights: Float64Array): TimeModel['leftOut'] {
  const precision = inverseDiagonal(lower, timings.length);
  return timings.map(({ ms }, i) => {
    const error = (weights[i] as number) / (precision[i] as number);
    return { deviations: error * Math.sqrt(precision[i] as number), relative: error / ms };
  });
}

/** The machine's rates as far as networks reach them here: so that half of the networks take longer than expected, and half less. */
function toUsualRates(timings: readonly Timing[], { gigaMacsPerS, gigabytesPerS, callMs }: MachineRates): MachineRates {
  const ratios = timings.map(({ kernels, batch, ms }) => {
    const points = kernels.map((kernel) => toKernelPoint(kernel, batch, { gigaMacsPerS, gigabytesPerS, callMs }));
    return ms / points.reduce((sum, { expectedMs: each }) => sum + each, 0);
  });
  const ratio = ratios.sort((a, b) => a - b)[ratios.length >> 1] ?? 1;
  return { gigaMacsPerS: gigaMacsPerS / ratio, gigabytesPerS: gigabytesPerS / ratio, callMs: callMs * ratio };
}

function expectedMs(row: readonly Placed[]): number {
  return row.reduce((sum, { point, count }) => sum + count * point.expectedMs, 0);
}

function sumParts(row: readonly Placed[]): Float64Array {
  const sums = new Float64Array(partCount);
  for (const { point, count } of row) {
    for (let part = 0; part < partCount; part++) sums[part] = (sums[part] as number) + count * (point.parts[part] as number);
  }
  return sums;
}
