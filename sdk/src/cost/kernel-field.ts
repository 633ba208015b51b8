import { type KernelPoint, shareOfChannels, shareOfImages, shareOfPixels } from './kernel-prior.js';

/** What two kernels of one kind share of their deviations from what is expected: a product over their sizes, from 1 to 0. */
export function shareOf({ sizes: a }: KernelPoint, { sizes: b }: KernelPoint, otherAlignment: number): number {
  return (
    shareOfPixels(a.pixels, b.pixels) *
    shareOfImages(a.images, b.images) *
    shareOfChannels(a.inChannels, b.inChannels, otherAlignment) *
    shareOfChannels(a.outChannels, b.outChannels, otherAlignment)
  );
}

/** Few values, such as widths, occur along an axis. So what each shares with the others is worked out once, and pairs of kernels multiply. */
export interface Axes {
  readonly pixels: Axis;
  readonly images: Axis;
  readonly channels: Axis;
}

/** The axes of all kernels that were timed. @param otherAlignment what kernels of other alignments share, for each of the two channel axes */
export function createAxes(points: readonly KernelPoint[], otherAlignment: number): Axes {
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
  readonly axes: Axes;
  /** What kernels read, and how many pixels they write, each once: places on the axes. Many kernels differ in output channels alone. */
  readonly inputs: { readonly pixels: Uint16Array; readonly images: Uint16Array; readonly channels: Uint16Array; readonly count: number };
  /** Of each kernel, which of the inputs it has, and how many different ones this and all kernels before it have. */
  readonly inputOf: Uint16Array;
  readonly inputsSeen: Uint16Array;
  /** Of each kernel, the place of its output channels. */
  readonly outputOf: Uint16Array;
  /** For what is shared with each input, and with each kernel. */
  readonly ofInputs: Float64Array;
  readonly sums: Float64Array;
}

export function createKernelField(points: readonly KernelPoint[], axes: Axes): KernelField {
  const count = points.length;
  const [inputOf, inputsSeen, outputOf] = [new Uint16Array(count), new Uint16Array(count), new Uint16Array(count)];
  const [pixels, images, channels] = [new Uint16Array(count), new Uint16Array(count), new Uint16Array(count)];
  const known = new Map<number, number>();
  for (let index = 0; index < count; index++) {
    const { sizes } = points[index] as KernelPoint;
    const ofPixels = axes.pixels.numberOf(sizes.pixels);
    const ofImages = axes.images.numberOf(sizes.images);
    const ofChannels = axes.channels.numberOf(sizes.inChannels);
    const key = (ofPixels * axes.images.count + ofImages) * axes.channels.count + ofChannels;
    let input = known.get(key);
    if (input === undefined) {
      input = known.size;
      known.set(key, input);
      pixels[input] = ofPixels;
      images[input] = ofImages;
      channels[input] = ofChannels;
    }
    inputOf[index] = input;
    inputsSeen[index] = known.size;
    outputOf[index] = axes.channels.numberOf(sizes.outChannels);
  }
  const inputs = { pixels, images, channels, count: known.size };
  return { axes, inputs, inputOf, inputsSeen, outputOf, ofInputs: new Float64Array(known.size), sums: new Float64Array(count) };
}

/** `scale` times what a size shares with each of the first inputs. Overwritten by the next call. */
function shareInputs({ axes, inputs, ofInputs }: KernelField, { sizes }: KernelPoint, scale: number, count: number): Float64Array {
  const ofPixels = axes.pixels.of(sizes.pixels).shares;
  const ofImages = axes.images.of(sizes.images).shares;
  const ofChannels = axes.channels.of(sizes.inChannels).shares;
  const { pixels, images, channels } = inputs;
  for (let index = 0; index < count; index++) {
    ofInputs[index] =
      scale *
      (ofPixels[pixels[index] as number] as number) *
      (ofImages[images[index] as number] as number) *
      (ofChannels[channels[index] as number] as number);
  }
  return ofInputs;
}

/** Σ deviation · what kernels share with each of the first `count` ones of a field. Overwritten by the next call. */
export function sumShares(
  field: KernelField,
  kernels: readonly { readonly point: KernelPoint; readonly deviation: number }[],
  count: number,
): Float64Array {
  field.sums.fill(0, 0, count);
  for (const { point, deviation } of kernels) addShares(field, point, deviation, count);
  return field.sums;
}

function addShares(field: KernelField, point: KernelPoint, scale: number, count: number): void {
  const { axes, inputOf, inputsSeen, outputOf, sums } = field;
  const ofInputs = shareInputs(field, point, scale, inputsSeen[count - 1] ?? 0);
  const ofOutputs = axes.channels.of(point.sizes.outChannels).shares;
  for (let index = 0; index < count; index++) {
    sums[index] =
      (sums[index] as number) + (ofInputs[inputOf[index] as number] as number) * (ofOutputs[outputOf[index] as number] as number);
  }
}

/** Σ weight · what a kernel shares with those of a field, quickly for many kernels and one set of weights. */
export function createSum(field: KernelField, weights: Float64Array): (point: KernelPoint) => number {
  const { axes, inputs, inputOf, outputOf } = field;
  // A search asks for many output widths beside the same input: for each input the sum is known by output width.
  const known: Float64Array[][][] = [];
  const sumByOutputs = (point: KernelPoint): Float64Array => {
    const ofPixels = axes.pixels.of(point.sizes.pixels).own;
    const ofImages = axes.images.of(point.sizes.images).own;
    const ofChannels = axes.channels.of(point.sizes.inChannels).own;
    known[ofPixels] ??= [];
    const byImages = known[ofPixels];
    byImages[ofImages] ??= [];
    const byChannels = byImages[ofImages];
    let sums = byChannels[ofChannels];
    if (!sums) {
      sums = new Float64Array(axes.channels.count);
      const ofInputs = shareInputs(field, point, 1, inputs.count);
      for (let index = 0; index < weights.length; index++) {
        const output = outputOf[index] as number;
        sums[output] = (sums[output] as number) + (weights[index] as number) * (ofInputs[inputOf[index] as number] as number);
      }
      byChannels[ofChannels] = sums;
    }
    return sums;
  };
  return (point) => {
    const sums = sumByOutputs(point);
    const ofOutputs = axes.channels.of(point.sizes.outChannels).shares;
    let total = 0;
    for (let output = 0; output < sums.length; output++) total += (sums[output] as number) * (ofOutputs[output] as number);
    return total;
  };
}
