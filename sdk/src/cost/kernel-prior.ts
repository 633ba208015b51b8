import type { Kernel } from './kernels.js';

/** What the machine can do at best: from it comes what a kernel is expected to take before any was timed. */
export interface MachineRates {
  /** Multiply-accumulates, 10⁹ a second. */
  readonly gigaMacsPerS: number;
  readonly gigabytesPerS: number;
  /** What starting a kernel takes, ms. */
  readonly callMs: number;
}

/** A kernel at a batch size as the model sees it. */
export interface KernelPoint {
  readonly kind: string;
  /**
   * Ms that each part of the work takes at the machine's best: the call, multiply-accumulates, the same with channels rounded up to whole
   * vectors, values read and written, weights read; and all of it in one where channels do not fill half vectors.
   */
  readonly parts: readonly number[];
  /** What the parts take together, without those that stand for waste: the scale on which kernels of one kind deviate. */
  readonly expectedMs: number;
  /** Where it lies among kernels of its kind, in units in which a distance of one is far: log sizes and how full the last vector is. */
  readonly place: readonly number[];
  /** Whether channels are multiples of 16, 8, 4, 2 or odd: other code may run. */
  readonly alignment: readonly [number, number];
}

export const partCount = 6;
const vector = 16; // floats: 512 bits
/** How many times as long the code for widths that do not fill half vectors is thought to take. */
const raggedWork = 2;
const bytes = 4;

export function toKernelPoint(kernel: Kernel, batch: number, rates: MachineRates): KernelPoint {
  const { inChannels, outChannels } = kernel;
  const macsMs = (kernel.macs * batch) / (rates.gigaMacsPerS * 1e6);
  const perByte = 1 / (rates.gigabytesPerS * 1e6);
  const dataMs = (kernel.reads + kernel.writes) * batch * bytes * perByte;
  const weightMs = kernel.weights * bytes * perByte;
  const waste = 1 / (fillOf(inChannels) * fillOf(outChannels));
  const ragged = isRagged(kernel);
  return {
    kind: kindOf(kernel),
    parts: ragged
      ? [rates.callMs, 0, 0, 0, weightMs, raggedWork * (macsMs + dataMs)]
      : [rates.callMs, macsMs, macsMs * waste, dataMs, weightMs, 0],
    expectedMs: rates.callMs + weightMs + (ragged ? raggedWork : 1) * (macsMs + dataMs),
    place: [
      Math.log2(kernel.pixels) / scales.pixels,
      Math.log2(inChannels) / scales.channels,
      Math.log2(outChannels) / scales.channels,
      Math.log2(batch) / scales.batch,
      fillOf(inChannels) / scales.fill,
      fillOf(outChannels) / scales.fill,
    ],
    alignment: [alignmentOf(inChannels), alignmentOf(outChannels)],
  };
}

/** How many octaves, and how much of a vector, are far. */
const scales = { pixels: 2, channels: 1.5, batch: 3, fill: 0.35 };

/** How full the vectors are that hold so many channels. */
function fillOf(channels: number): number {
  return channels / (vector * Math.ceil(channels / vector));
}

/** The kinds that are told apart: where channels do not fill half vectors other code runs, and what it takes says nothing of the rest. */
export function kindOf(kernel: Kernel): string {
  return isRagged(kernel) ? `${kernel.kind}, channels no multiple of ${vector / 2}` : kernel.kind;
}

/** Few channels, such as the image's colours, are a case of their own. */
function isRagged({ inChannels, outChannels }: Kernel): boolean {
  return [inChannels, outChannels].some((channels) => channels >= vector / 2 && channels % (vector / 2) !== 0);
}

function alignmentOf(channels: number): number {
  return [16, 8, 4, 2].find((multiple) => channels % multiple === 0) ?? 1;
}
