import { type KernelPoint, shareOfChannels, shareOfImages, shareOfPixels } from './kernel-prior.js';

/** How strongly kernels of one kind are tied. */
export interface FieldPriors {
  /** Standard deviation of a smooth deviation over sizes, as a fraction of what is expected. */
  readonly smooth: number;
  /** What kernels of other alignments share of it, for each of the two channel axes. */
  readonly otherAlignment: number;
}

/** How two kernels of one kind deviate together from what is expected: a product over their sizes. */
export function covarianceOf(a: KernelPoint, b: KernelPoint, { smooth, otherAlignment }: FieldPriors): number {
  const shared =
    shareOfPixels(a.sizes.pixels, b.sizes.pixels) *
    shareOfImages(a.sizes.images, b.sizes.images) *
    shareOfChannels(a.sizes.inChannels, b.sizes.inChannels, otherAlignment) *
    shareOfChannels(a.sizes.outChannels, b.sizes.outChannels, otherAlignment);
  return smooth ** 2 * a.expectedMs * b.expectedMs * shared;
}

/** Few values, such as widths, occur along an axis. So what each shares with the others is worked out once, and pairs of kernels multiply. */
export interface Axes {
  readonly pixels: Axis;
  readonly images: Axis;
  readonly channels: Axis;
}

/** The axes of all kernels that were timed. */
export function createAxes(points: readonly KernelPoint[], { otherAlignment }: FieldPriors): Axes {
  const [pixels, images, channels] = [new Set<number>(), new Set<number>(), new Set<number>()];
  for (const { sizes } of points) {
    pixels.add(sizes.pixels);
    images.add(sizes.images);
    channels.add(sizes.inChannels).add(sizes.outChannels);
  }
  return {
    pixels: createAxis([...pixels], shareOfPixels),
    images: createAxis([...images], shareOfImages),
    channels: createAxis([...channels], (a, b) => shareOfChannels(a, b, otherAlignment)),
  };
}

interface Axis {
  /** Of those that occur. */
  numberOf(value: number): number;
  /** What a value shares with each that occurs; and a number of its own, whether it occurs or not. */
  of(value: number): { readonly own: number; readonly shares: Float64Array };
  readonly count: number;
}

function createAxis(values: readonly number[], share: (a: number, b: number) => number): Axis {
  const numbers = new Map(values.map((value, number) => [value, number]));
  const known = new Map<number, { readonly own: number; readonly shares: Float64Array }>();
  return {
    count: values.length,
    numberOf: (value) => numbers.get(value) as number,
    of(value) {
      let entry = known.get(value);
      if (!entry) {
        const shares = new Float64Array(values.length);
        for (let number = 0; number < values.length; number++) shares[number] = share(value, values[number] as number);
        entry = { own: known.size, shares };
        known.set(value, entry);
      }
      return entry;
    },
  };
}

/** Kernels of one kind that were timed, laid out flat: a fit goes through millions of pairs. */
export interface KernelField {
  readonly priors: FieldPriors;
  readonly axes: Axes;
  readonly expectedMs: Float64Array;
  /** Of each kernel, its place on each axis. */
  readonly pixels: Uint16Array;
  readonly images: Uint16Array;
  readonly inputs: Uint16Array;
  readonly outputs: Uint16Array;
}

export function createKernelField(points: readonly KernelPoint[], axes: Axes, priors: FieldPriors): KernelField {
  return {
    priors,
    axes,
    expectedMs: Float64Array.from(points, ({ expectedMs }) => expectedMs),
    pixels: Uint16Array.from(points, ({ sizes }) => axes.pixels.numberOf(sizes.pixels)),
    images: Uint16Array.from(points, ({ sizes }) => axes.images.numberOf(sizes.images)),
    inputs: Uint16Array.from(points, ({ sizes }) => axes.channels.numberOf(sizes.inChannels)),
    outputs: Uint16Array.from(points, ({ sizes }) => axes.channels.numberOf(sizes.outChannels)),
  };
}

/** Adds `times` the covariance of a kernel with each of the first ones of a field, for as many as there are sums. */
export function addCovariances(field: KernelField, point: KernelPoint, times: number, sums: Float64Array): void {
  const { axes, expectedMs, pixels, images, inputs, outputs } = field;
  const ofPixels = axes.pixels.of(point.sizes.pixels).shares;
  const ofImages = axes.images.of(point.sizes.images).shares;
  const ofInputs = axes.channels.of(point.sizes.inChannels).shares;
  const ofOutputs = axes.channels.of(point.sizes.outChannels).shares;
  const scale = times * field.priors.smooth ** 2 * point.expectedMs;
  for (let index = 0; index < sums.length; index++) {
    const shared =
      (ofPixels[pixels[index] as number] as number) *
      (ofImages[images[index] as number] as number) *
      (ofInputs[inputs[index] as number] as number) *
      (ofOutputs[outputs[index] as number] as number);
    sums[index] = (sums[index] as number) + scale * (expectedMs[index] as number) * shared;
  }
}

/** Σ weight · covariance of a kernel with those of a field, quickly for many kernels and one set of weights. */
export function createSum(field: KernelField, weights: Float64Array): (point: KernelPoint) => number {
  const { axes, priors, expectedMs, pixels, images, inputs, outputs } = field;
  // A search asks for many output widths beside the same input: for each input the sum is known by output width.
  const known = new Map<number, Float64Array>();
  const sumByOutputs = ({ sizes }: KernelPoint): Float64Array => {
    const ofPixels = axes.pixels.of(sizes.pixels);
    const ofImages = axes.images.of(sizes.images);
    const ofInputs = axes.channels.of(sizes.inChannels);
    const key = (ofPixels.own * 4096 + ofImages.own) * 4096 + ofInputs.own;
    let sums = known.get(key);
    if (!sums) {
      sums = new Float64Array(axes.channels.count);
      for (let index = 0; index < weights.length; index++) {
        const output = outputs[index] as number;
        const shared =
          (ofPixels.shares[pixels[index] as number] as number) *
          (ofImages.shares[images[index] as number] as number) *
          (ofInputs.shares[inputs[index] as number] as number);
        sums[output] = (sums[output] as number) + (weights[index] as number) * (expectedMs[index] as number) * shared;
      }
      known.set(key, sums);
    }
    return sums;
  };
  return (point) => {
    const [sums, ofOutputs] = [sumByOutputs(point), axes.channels.of(point.sizes.outChannels).shares];
    let total = 0;
    for (let output = 0; output < sums.length; output++) total += (sums[output] as number) * (ofOutputs[output] as number);
    return total * priors.smooth ** 2 * point.expectedMs;
  };
}
