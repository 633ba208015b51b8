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
  /** The place of a kernel in it; a new one is added. */
  indexOf(key: string, point: KernelPoint): number;
  readonly points: readonly KernelPoint[];
  /** Covariance of a kernel with each one that was seen. */
  covariances(point: KernelPoint): Float64Array;
  /** Σ weight · covariance of a kernel with those that were seen, quickly for many kernels and one set of weights. */
  createSum(weights: Float64Array): (point: KernelPoint) => number;
}

export function createKernelField(priors: FieldPriors): KernelField {
  const points: KernelPoint[] = [];
  const indices = new Map<string, number>();
  return {
    points,
    indexOf(key, point) {
      const known = indices.get(key);
      if (known !== undefined) return known;
      indices.set(key, points.length);
      points.push(point);
      return points.length - 1;
    },
    covariances: (point) => Float64Array.from(points, (other) => covarianceOf(point, other, priors)),
    createSum(weights) {
      // The linear part of the covariance collapses into one weight a part; the smooth part stays a sum over points, laid out flat.
      const parts = new Float64Array(partCount);
      const places = new Float64Array(points.length * placeCount);
      const scaled = new Float64Array(points.length);
      points.forEach((point, index) => {
        const weight = weights[index] as number;
        for (let part = 0; part < partCount; part++) parts[part] = (parts[part] as number) + weight * (point.parts[part] as number);
        places.set(point.place, index * placeCount);
        scaled[index] = weight * priors.smooth ** 2 * point.expectedMs;
      });
      const inAlignments = Uint8Array.from(points, ({ alignment }) => alignment[0]);
      const outAlignments = Uint8Array.from(points, ({ alignment }) => alignment[1]);
      return (point) => {
        let linear = 0;
        for (let part = 0; part < partCount; part++) linear += (parts[part] as number) * (point.parts[part] as number);
        const [a, b, c, d, e, f] = point.place as unknown as readonly [number, number, number, number, number, number];
        let smooth = 0;
        for (let index = 0, at = 0; index < scaled.length; index++, at += placeCount) {
          const distance =
            (a - (places[at] as number)) ** 2 +
            (b - (places[at + 1] as number)) ** 2 +
            (c - (places[at + 2] as number)) ** 2 +
            (d - (places[at + 3] as number)) ** 2 +
            (e - (places[at + 4] as number)) ** 2 +
            (f - (places[at + 5] as number)) ** 2;
          if (distance > tooFar) continue;
          let weight = scaled[index] as number;
          if (inAlignments[index] !== point.alignment[0]) weight *= priors.otherAlignment;
          if (outAlignments[index] !== point.alignment[1]) weight *= priors.otherAlignment;
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
