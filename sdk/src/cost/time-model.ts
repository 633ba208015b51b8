import { factorize, inverseDiagonal, solveLower, solveUpper } from './cholesky.js';
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
  /** Mean and standard deviation, ms, of a network of these kernels. `network` is a name that timings of kin share. */
  estimate(kernels: readonly Kernel[], batch: number, network: string): { readonly ms: number; readonly deviation: number };
  /** Mean alone, and of one kernel alone: what a search adds up. */
  kernelMs(kernel: Kernel, batch: number): number;
  /** Factor that kin of this name need on the sum of their kernels. */
  factorOf(network: string): number;
  /** For each observation, what the others say of it: in standard deviations, and as a fraction of its time. */
  readonly leftOut: readonly { readonly deviations: number; readonly relative: number }[];
}

export interface Timing {
  readonly kernels: readonly Kernel[];
  readonly batch: number;
  readonly network: string;
  readonly ms: number;
  /** Standard error of `ms` as a fraction of it. */
  readonly relativeError: number;
}

/** Standard deviations of what is not known beforehand, as fractions of what is expected. */
export interface TimeModelPriors {
  /** Factor of a part of the work: of all kernels, and of one kind. */
  readonly shared: number;
  readonly kind: number;
  /** Smooth deviation within a kind; and what of it other alignments share. */
  readonly smooth: number;
  readonly otherAlignment: number;
  /** A network deviates from the sum of its kernels; kin do so together. */
  readonly network: number;
  readonly kin: number;
}

export const defaultPriors: TimeModelPriors = { shared: 1, kind: 1, smooth: 0.5, otherAlignment: 0.7, network: 0.015, kin: 0.05 };

interface Group {
  readonly points: KernelPoint[];
  readonly index: Map<string, number>;
}

export function fitTimeModel(timings: readonly Timing[], rates: MachineRates, priors: TimeModelPriors = defaultPriors): TimeModel {
  const n = timings.length;
  const groups = new Map<string, Group>();
  const rows = timings.map(({ kernels, batch }) => placeKernels(kernels, batch));
  const expected = rows.map((row) => sum(row.map(({ point, count }) => count * point.expectedMs)));

  // Covariance between kernels of a group and observations, group by group.
  const covariance = new Float64Array(n * n);
  const toObservations = new Map<string, Float64Array>(); // kind → points x observations
  for (const [kind, group] of groups) {
    const m = group.points.length;
    const cross = new Float64Array(m * n);
    const own = rows.map((row) => row.filter(({ point }) => point.kind === kind));
    for (let p = 0; p < m; p++) {
      const at = group.points[p] as KernelPoint;
      const between = group.points.map((other) => smoothCovariance(at, other, priors) + partCovariance(at, other, priors.kind));
      for (let i = 0; i < n; i++) {
        let total = 0;
        for (const { index, count } of own[i] ?? []) total += count * (between[index] as number);
        cross[p * n + i] = total;
      }
    }
    toObservations.set(kind, cross);
    for (let i = 0; i < n; i++) {
      for (const { index, count } of own[i] ?? []) {
        for (let j = 0; j <= i; j++) covariance[i * n + j] = (covariance[i * n + j] as number) + count * (cross[index * n + j] as number);
      }
    }
  }
  const sharedParts = rows.map((row) => sumParts(row));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let value = covariance[i * n + j] as number;
      for (let part = 0; part < partCount; part++)
        value += priors.shared ** 2 * (sharedParts[i]?.[part] ?? 0) * (sharedParts[j]?.[part] ?? 0);
      const [a, b] = [timings[i] as Timing, timings[j] as Timing];
      if (a.network === b.network) value += priors.kin ** 2 * a.ms * b.ms;
      if (i === j) value += (a.relativeError ** 2 + priors.network ** 2) * a.ms ** 2;
      covariance[i * n + j] = value;
    }
  }
  const lower = factorize(covariance, n);
  const residual = Float64Array.from(timings, ({ ms }, i) => ms - (expected[i] ?? 0));
  const weights = solveUpper(lower, solveLower(lower, residual));

  // What a kernel's estimate needs of all observations: a weight a point, and one a part.
  const pointWeights = new Map<string, Float64Array>();
  for (const [kind, group] of groups) {
    const values = new Float64Array(group.points.length);
    rows.forEach((row, i) => {
      for (const { point, index, count } of row) if (point.kind === kind) values[index] = (values[index] ?? 0) + count * (weights[i] ?? 0);
    });
    pointWeights.set(kind, values);
  }
  const partWeights = Array.from({ length: partCount }, (_, part) =>
    sum(timings.map((_t, i) => (weights[i] ?? 0) * (sharedParts[i]?.[part] ?? 0))),
  );
  const kinWeights = new Map<string, number>();
  timings.forEach(({ network, ms }, i) => {
    kinWeights.set(network, (kinWeights.get(network) ?? 0) + (weights[i] ?? 0) * ms);
  });

  const diagonal = inverseDiagonal(lower, n);
  const leftOut = timings.map(({ ms }, i) => {
    const deviation = 1 / Math.sqrt(diagonal[i] ?? 1);
    const error = (weights[i] ?? 0) / (diagonal[i] ?? 1);
    return { deviations: error / deviation, relative: error / ms };
  });

  const cache = new Map<string, number>();
  const kernelMs = (kernel: Kernel, batch: number): number => {
    const key = `${batch} ${keyOf(kernel)}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const ms = estimatePoint(toKernelPoint(kernel, batch, rates));
    cache.set(key, ms);
    return ms;
  };
  const factorOf = (network: string): number => 1 + priors.kin ** 2 * (kinWeights.get(network) ?? 0);

  return {
    kernelMs,
    factorOf,
    leftOut,
    estimate(kernels, batch, network) {
      const ms = sum(kernels.map((kernel) => kernelMs(kernel, batch))) * factorOf(network);
      const points = kernels.map((kernel) => toKernelPoint(kernel, batch, rates));
      const cross = new Float64Array(n);
      let own = (priors.network * ms) ** 2 + (priors.kin * ms) ** 2;
      const parts = sumParts(points.map((point) => ({ point, count: 1 })));
      for (let part = 0; part < partCount; part++) own += (priors.shared * (parts[part] ?? 0)) ** 2;
      for (const [kind, same] of groupByKind(points)) {
        for (const a of same) for (const b of same) own += smoothCovariance(a, b, priors) + partCovariance(a, b, priors.kind);
        const group = groups.get(kind);
        if (!group) continue;
        const sums = new Float64Array(group.points.length);
        for (const a of same)
          group.points.forEach((b, q) => {
            sums[q] = (sums[q] ?? 0) + smoothCovariance(a, b, priors) + partCovariance(a, b, priors.kind);
          });
        rows.forEach((row, i) => {
          for (const { point, index, count } of row) if (point.kind === kind) cross[i] = (cross[i] ?? 0) + count * (sums[index] ?? 0);
        });
      }
      timings.forEach((timing, i) => {
        let value = cross[i] ?? 0;
        for (let part = 0; part < partCount; part++) value += priors.shared ** 2 * (parts[part] ?? 0) * (sharedParts[i]?.[part] ?? 0);
        if (timing.network === network) value += priors.kin ** 2 * ms * timing.ms;
        cross[i] = value;
      });
      const explained = solveLower(lower, cross).reduce((total, value) => total + value * value, 0);
      return { ms, deviation: Math.sqrt(Math.max(own - explained, (priors.network * ms) ** 2)) };
    },
  };

  function placeKernels(kernels: readonly Kernel[], batch: number): readonly { point: KernelPoint; index: number; count: number }[] {
    const row = new Map<string, { point: KernelPoint; index: number; count: number }>();
    for (const kernel of kernels) {
      const key = `${batch} ${keyOf(kernel)}`;
      const seen = row.get(key);
      if (seen) seen.count++;
      else {
        let group = groups.get(kernel.kind);
        if (!group) {
          group = { points: [], index: new Map() };
          groups.set(kernel.kind, group);
        }
        let index = group.index.get(key);
        if (index === undefined) {
          index = group.points.length;
          group.index.set(key, index);
          group.points.push(toKernelPoint(kernel, batch, rates));
        }
        row.set(key, { point: group.points[index] as KernelPoint, index, count: 1 });
      }
    }
    return [...row.values()];
  }

  function estimatePoint(point: KernelPoint): number {
    let ms = point.expectedMs;
    for (let part = 0; part < partCount; part++) ms += priors.shared ** 2 * (point.parts[part] ?? 0) * (partWeights[part] ?? 0);
    const group = groups.get(point.kind);
    const values = pointWeights.get(point.kind);
    if (!group || !values) return Math.max(ms, 0);
    for (let q = 0; q < values.length; q++) {
      const other = group.points[q] as KernelPoint;
      ms += (values[q] as number) * (smoothCovariance(point, other, priors) + partCovariance(point, other, priors.kind));
    }
    return Math.max(ms, 0);
  }
}

function smoothCovariance(a: KernelPoint, b: KernelPoint, { smooth, otherAlignment }: TimeModelPriors): number {
  let distance = 0;
  for (let d = 0; d < a.place.length; d++) distance += ((a.place[d] as number) - (b.place[d] as number)) ** 2;
  const alike = (a.alignment[0] === b.alignment[0] ? 1 : otherAlignment) * (a.alignment[1] === b.alignment[1] ? 1 : otherAlignment);
  return smooth ** 2 * a.expectedMs * b.expectedMs * alike * Math.exp(-distance / 2);
}

function partCovariance(a: KernelPoint, b: KernelPoint, deviation: number): number {
  let total = 0;
  for (let part = 0; part < partCount; part++) total += (a.parts[part] as number) * (b.parts[part] as number);
  return deviation ** 2 * total;
}

function sumParts(row: readonly { readonly point: KernelPoint; readonly count: number }[]): readonly number[] {
  return Array.from({ length: partCount }, (_, part) => sum(row.map(({ point, count }) => count * (point.parts[part] ?? 0))));
}

function groupByKind(points: readonly KernelPoint[]): ReadonlyMap<string, readonly KernelPoint[]> {
  const kinds = new Map<string, KernelPoint[]>();
  for (const point of points) kinds.set(point.kind, [...(kinds.get(point.kind) ?? []), point]);
  return kinds;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
