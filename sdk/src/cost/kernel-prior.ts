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
  /** Where it lies among kernels of its kind. */
  readonly sizes: KernelSizes;
}

export interface KernelSizes {
  readonly pixels: number;
  readonly images: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

export const partCount = 6;
const vector = 16; // floats: 512 bits
/** How many times as long the code for widths that do not fill half vectors is thought to take. */
const raggedWork = 2;
const bytes = 4;

export function toKernelPoint(kernel: Kernel, batch: number, { gigaMacsPerS, gigabytesPerS, callMs }: MachineRates): KernelPoint {
  const { pixels, inChannels, outChannels } = kernel;
  const macsMs = (kernel.macs * batch) / (gigaMacsPerS * 1e6);
  const dataMs = ((kernel.reads + kernel.writes) * batch * bytes) / (gigabytesPerS * 1e6);
  const weightMs = (kernel.weights * bytes) / (gigabytesPerS * 1e6);
  const sizes = { pixels, images: batch, inChannels, outChannels };
  if (isRagged(kernel)) {
    const raggedMs = raggedWork * (macsMs + dataMs);
    return { kind: kindOf(kernel), parts: [callMs, 0, 0, 0, weightMs, raggedMs], expectedMs: callMs + weightMs + raggedMs, sizes };
  }
  const waste = 1 / (fillOf(inChannels) * fillOf(outChannels));
  const parts = [callMs, macsMs, macsMs * waste, dataMs, weightMs, 0];
  return { kind: kernel.kind, parts, expectedMs: callMs + weightMs + macsMs + dataMs, sizes };
}

/** How many octaves, and how much of a vector, are far. */
const scales = { pixels: 2, channels: 1.5, images: 3, fill: 0.35 };

/** What kernels share whose pixels, images or channels differ, everything else alike: from 1 to 0. */
export function shareOfPixels(a: number, b: number): number {
  return near(Math.log2(a / b) / scales.pixels);
}

export function shareOfImages(a: number, b: number): number {
  return near(Math.log2(a / b) / scales.images);
}

/** How full vectors are, and which code runs, follow from the channels. @param otherAlignment what is shared where other code may run */
export function shareOfChannels(a: number, b: number, otherAlignment: number): number {
  const shared = near(Math.log2(a / b) / scales.channels, (fillOf(a) - fillOf(b)) / scales.fill);
  return alignmentOf(a) === alignmentOf(b) ? shared : otherAlignment * shared;
}

function near(distance: number, other = 0): number {
  return Math.exp(-(distance * distance + other * other) / 2);
}

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
  return leavesRagged(inChannels) || leavesRagged(outChannels);
}

function leavesRagged(channels: number): boolean {
  return channels >= vector / 2 && channels % (vector / 2) !== 0;
}

/** Whether channels are multiples of 16, 8, 4, 2 or odd: other code may run. */
function alignmentOf(channels: number): number {
  return Math.min(vector, channels & -channels);
}
