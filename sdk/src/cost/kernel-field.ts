import { type KernelPoint, partCount, placeCount } from './kernel-prior.js';

/** How strongly kernels of one kind are tied: standard deviations as fractions of what is expected. */
export interface FieldPriors {
  /** Factor of each part of the work, common to the kind. */
  readonly kind: number;
  /** Smooth deviation over sizes. */
  readonly smooth: number;
  /** What kernels of other alignments share of it, for each of the two channel axes. */
  readonly otherAlignment: number;
}

/** All kernels of one kind that were seen: a Gaussian process over their sizes. */
export interface KernelField {
  /** The place of a kernel in it; a new one is added behind the others. */
  indexOf(key: string, point: KernelPoint): number;
  /** How many were seen. */
  size(): number;
  /** Adds `times` the covariance of a kernel with each of the first ones that were seen, for as many as there are sums. */
  addCovariances(point: KernelPoint, times: number, sums: Float64Array): void;
  /** Σ weight · covariance of a kernel with those that were seen, quickly for many kernels and one set of weights. */
  createSum(weights: Float64Array): (point: KernelPoint) => number;
}

type Six = readonly [number, number, number, number, number, number];

export function createKernelField(priors: FieldPriors): KernelField {
  const indices = new Map<string, number>();
  // Laid out flat: a fit goes through millions of pairs.
  const parts: number[] = [];
  const places: number[] = [];
  const expected: number[] = [];
  const inAlignments: number[] = [];
  const outAlignments: number[] = [];
  return {
    indexOf(key, point) {
      const known = indices.get(key);
      if (known !== undefined) return known;
      const index = indices.size;
      indices.set(key, index);
      parts.push(...point.parts);
      places.push(...point.place);
      expected.push(point.expectedMs);
      inAlignments.push(point.alignment[0]);
      outAlignments.push(point.alignment[1]);
      return index;
    },
    size: () => indices.size,
    addCovariances(point, times, sums) {
      const [call, macs, whole, data, weight, ragged] = point.parts as unknown as Six;
      const [a, b, c, d, e, f] = point.place as unknown as Six;
      const [inAlignment, outAlignment] = point.alignment;
      const scale = priors.smooth ** 2 * point.expectedMs;
      for (let index = 0, at = 0; index < sums.length; index++, at += placeCount) {
        const linear =
          call * (parts[at] as number) +
          macs * (parts[at + 1] as number) +
          whole * (parts[at + 2] as number) +
          data * (parts[at + 3] as number) +
          weight * (parts[at + 4] as number) +
          ragged * (parts[at + 5] as number);
        const distance =
          (a - (places[at] as number)) ** 2 +
          (b - (places[at + 1] as number)) ** 2 +
          (c - (places[at + 2] as number)) ** 2 +
          (d - (places[at + 3] as number)) ** 2 +
          (e - (places[at + 4] as number)) ** 2 +
          (f - (places[at + 5] as number)) ** 2;
        let shared = scale * (expected[index] as number) * Math.exp(-distance / 2);
        if (inAlignments[index] !== inAlignment) shared *= priors.otherAlignment;
        if (outAlignments[index] !== outAlignment) shared *= priors.otherAlignment;
        sums[index] = (sums[index] as number) + times * (priors.kind ** 2 * linear + shared);
      }
    },
    createSum(weights) {
      // The linear part of the covariance collapses into one weight a part; the smooth part stays a sum over points.
      const linearWeights = new Float64Array(partCount);
      const scaled = new Float64Array(weights.length);
      weights.forEach((weight, index) => {
        for (let part = 0; part < partCount; part++)
          linearWeights[part] = (linearWeights[part] as number) + weight * (parts[index * partCount + part] as number);
        scaled[index] = weight * priors.smooth ** 2 * (expected[index] as number);
      });
      const flat = Float64Array.from(places);
      const aligned = [Uint8Array.from(inAlignments), Uint8Array.from(outAlignments)] as const;
      return (point) => {
        let linear = 0;
        for (let part = 0; part < partCount; part++) linear += (linearWeights[part] as number) * (point.parts[part] as number);
        const [a, b, c, d, e, f] = point.place as unknown as Six;
        let smooth = 0;
        for (let index = 0, at = 0; index < scaled.length; index++, at += placeCount) {
          const distance =
            (a - (flat[at] as number)) ** 2 +
            (b - (flat[at + 1] as number)) ** 2 +
            (c - (flat[at + 2] as number)) ** 2 +
            (d - (flat[at + 3] as number)) ** 2 +
            (e - (flat[at + 4] as number)) ** 2 +
            (f - (flat[at + 5] as number)) ** 2;
          if (distance > tooFar) continue;
          let weight = scaled[index] as number;
          if (aligned[0][index] !== point.alignment[0]) weight *= priors.otherAlignment;
          if (aligned[1][index] !== point.alignment[1]) weight *= priors.otherAlignment;
          smooth += weight * Math.exp(-distance / 2);
        }
        return priors.kind ** 2 * linear + smooth * point.expectedMs;
      };
    },
  };
}

/** Squared distance at which kernels share less than a thousandth. */
const tooFar = 14;

export function covarianceOf(a: KernelPoint, b: KernelPoint, { kind, smooth, otherAlignment }: FieldPriors): number {
  let linear = 0;
  for (let part = 0; part < partCount; part++) linear += (a.parts[part] as number) * (b.parts[part] as number);
  let distance = 0;
  for (let axis = 0; axis < placeCount; axis++) distance += ((a.place[axis] as number) - (b.place[axis] as number)) ** 2;
  let shared = smooth ** 2 * a.expectedMs * b.expectedMs * Math.exp(-distance / 2);
  if (a.alignment[0] !== b.alignment[0]) shared *= otherAlignment;
  if (a.alignment[1] !== b.alignment[1]) shared *= otherAlignment;
  return kind ** 2 * linear + shared;
}
