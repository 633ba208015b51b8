import { type KernelPoint, partCount } from './kernel-prior.js';

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

type Share = (a: KernelPoint, b: KernelPoint, priors: FieldPriors) => number;

/**
 * The smooth part of a covariance is a product over sizes: pixels, images, input and output channels. How full vectors are, and which code runs,
 * follow from the channels. Each with the number that tells its values apart, of a kernel's place.
 */
const sizes: readonly { readonly place: number; readonly share: Share }[] = [
  { place: 0, share: near(0) },
  { place: 3, share: near(3) },
  { place: 1, share: (a, b, priors) => near(1, 4)(a, b) * aligned(0, a, b, priors) },
  { place: 2, share: (a, b, priors) => near(2, 5)(a, b) * aligned(1, a, b, priors) },
];

function near(...places: readonly number[]): (a: KernelPoint, b: KernelPoint) => number {
  return (a, b) => Math.exp(-places.reduce((sum, place) => sum + ((a.place[place] as number) - (b.place[place] as number)) ** 2, 0) / 2);
}

function aligned(side: 0 | 1, a: KernelPoint, b: KernelPoint, { otherAlignment }: FieldPriors): number {
  return a.alignment[side] === b.alignment[side] ? 1 : otherAlignment;
}

export function covarianceOf(a: KernelPoint, b: KernelPoint, priors: FieldPriors): number {
  let linear = 0;
  for (let part = 0; part < partCount; part++) linear += (a.parts[part] as number) * (b.parts[part] as number);
  const shared = sizes.reduce((product, { share }) => product * share(a, b, priors), priors.smooth ** 2 * a.expectedMs * b.expectedMs);
  return priors.kind ** 2 * linear + shared;
}

export function createKernelField(priors: FieldPriors): KernelField {
  const indices = new Map<string, number>();
  // Laid out flat: a fit and a search go through millions of pairs.
  const parts: number[] = [];
  const expected: number[] = [];
  const axes = sizes.map(({ place, share }) => createAxis(place, (a, b) => share(a, b, priors))) as unknown as readonly [
    Axis,
    Axis,
    Axis,
    Axis,
  ];
  return {
    indexOf(key, point) {
      const known = indices.get(key);
      if (known !== undefined) return known;
      const index = indices.size;
      indices.set(key, index);
      parts.push(...point.parts);
      expected.push(point.expectedMs);
      for (const axis of axes) axis.add(point);
      return index;
    },
    size: () => indices.size,
    addCovariances(point, times, sums) {
      const [a, b, c, d] = axes;
      const [ofA, ofB, ofC, ofD] = [a.shares(point), b.shares(point), c.shares(point), d.shares(point)];
      const scale = times * priors.smooth ** 2 * point.expectedMs;
      const linear = point.parts.map((part) => times * priors.kind ** 2 * part);
      for (let index = 0; index < sums.length; index++) {
        const shared =
          (ofA[a.numbers[index] as number] as number) *
          (ofB[b.numbers[index] as number] as number) *
          (ofC[c.numbers[index] as number] as number) *
          (ofD[d.numbers[index] as number] as number);
        let sum = (sums[index] as number) + scale * (expected[index] as number) * shared;
        for (let part = 0, at = index * partCount; part < partCount; part++) sum += (linear[part] as number) * (parts[at + part] as number);
        sums[index] = sum;
      }
    },
    createSum(weights) {
      // The linear part of the covariance collapses into one weight a part; the smooth part stays a sum over kernels.
      const linearWeights = new Float64Array(partCount);
      const scaled = new Float64Array(weights.length);
      weights.forEach((weight, index) => {
        for (let part = 0; part < partCount; part++)
          linearWeights[part] = (linearWeights[part] as number) + weight * priors.kind ** 2 * (parts[index * partCount + part] as number);
        scaled[index] = weight * priors.smooth ** 2 * (expected[index] as number);
      });
      const [a, b, c, d] = axes;
      const [inA, inB, inC, inD] = [a, b, c, d].map(({ numbers }) => Uint16Array.from(numbers)) as [
        Uint16Array,
        Uint16Array,
        Uint16Array,
        Uint16Array,
      ];
      return (point) => {
        const [ofA, ofB, ofC, ofD] = [a.shares(point), b.shares(point), c.shares(point), d.shares(point)];
        let smooth = 0;
        for (let index = 0; index < scaled.length; index++) {
          smooth +=
            (scaled[index] as number) *
            (ofA[inA[index] as number] as number) *
            (ofB[inB[index] as number] as number) *
            (ofC[inC[index] as number] as number) *
            (ofD[inD[index] as number] as number);
        }
        let ms = smooth * point.expectedMs;
        for (let part = 0; part < partCount; part++) ms += (linearWeights[part] as number) * (point.parts[part] as number);
        return ms;
      };
    },
  };
}

/** Few values, such as widths, occur along an axis. So what a kernel shares with each is worked out once, and pairs of kernels multiply. */
interface Axis {
  /** Of each kernel in order, the number of its value. */
  readonly numbers: readonly number[];
  add(point: KernelPoint): void;
  /** What a kernel shares with each value, by number. */
  shares(point: KernelPoint): Float64Array;
}

function createAxis(place: number, share: (a: KernelPoint, b: KernelPoint) => number): Axis {
  const numbers: number[] = [];
  const examples: KernelPoint[] = []; // one of each value
  const numberOf = new Map<number, number>();
  const known = new Map<number, Float64Array>();
  return {
    numbers,
    add(point) {
      const value = point.place[place] as number;
      const number = numberOf.get(value) ?? examples.push(point) - 1;
      numberOf.set(value, number);
      numbers.push(number);
    },
    shares(point) {
      const value = point.place[place] as number;
      let shares = known.get(value);
      if (shares?.length !== examples.length) {
        shares = Float64Array.from(examples, (example) => share(point, example));
        known.set(value, shares);
      }
      return shares;
    },
  };
}
