import type { Arrangement, MoveStep, Step } from './arrange.js';
import { type Layout, layoutBytes, originOf, pitchOf, vectorBytes, writeLayout } from './layout.js';
import type { ConvOp, Plane, PoolOp, SlidingWindow } from './network.js';
import { alignUp, type Placement } from './place.js';
import { toPoolFactors } from './pool-factors.js';
import { shareBytes, shareOut, writeShare } from './share.js';

/** As ./assembly/engine.ts tells them apart. */
const kinds: Readonly<Record<Step['kind'], number>> = { conv: 0, 'max-pool': 1, 'avg-pool': 1, mean: 2, repack: 3, pack: 4, unpack: 5 };
const stepBytes = 64;
const recordBytes = 16;
const tapBytes = 8;

/** What a channel costs besides its weights, in weights: the bias, the limits, the store. */
const channelCost = 3;

export interface ProgramOptions {
  /** Where its first byte will lie: pointers are absolute. */
  readonly address: number;
  readonly threads: number;
  /** Images of a group, 4 or 1. */
  readonly groupSize: number;
  readonly imageBytes: number;
  readonly classes: number;
}

/** The bytes of a program as the engine reads it; `arenaAddress` is where the first of its arenas must begin. */
export interface Program {
  readonly parts: readonly { readonly address: number; readonly bytes: Uint8Array }[];
  readonly header: DataView;
  readonly end: number;
}

/** Writes what ./assembly runs. The words of a step are listed there, beside what reads them. */
export function writeProgram(arrangement: Arrangement, placement: Placement, options: ProgramOptions): Program {
  const { values, steps } = arrangement;
  const parts: { address: number; bytes: Uint8Array }[] = [];
  let end = options.address;
  const reserve = (bytes: number): { readonly address: number; readonly view: DataView } => {
    const address = end;
    const data = new Uint8Array(bytes);
    parts.push({ address, bytes: data });
    end = alignUp(address + bytes, 64);
    return { address, view: new DataView(data.buffer) };
  };

  const header = reserve(64).view;
  const table = reserve(stepBytes * steps.length);
  const layouts = new Map<Layout, number>();
  const addressOf = (layout: Layout): number => {
    const known = layouts.get(layout);
    if (known !== undefined) return known;
    const { address, view } = reserve(layoutBytes);
    writeLayout(layout, view);
    layouts.set(layout, address);
    return address;
  };
  const layoutOf = (value: number): Layout => values[value]?.layout as Layout;
  /** Where a plane's image begins in the arena. */
  const offsetOf = ({ value, channel }: Plane): number => {
    const layout = layoutOf(value);
    const plane = (layout.top + layout.band + layout.bottom) * pitchOf(layout);
    return (placement.offsets[value] as number) + channel * plane + originOf(layout);
  };
  steps.forEach((step, index) => {
    writeStep(step, new DataView(table.view.buffer, index * stepBytes, stepBytes));
  });
  [steps.length, table.address, options.groupSize, options.imageBytes, 4 * options.classes].forEach((word, index) => {
    header.setUint32(4 * index, word, true);
  });
  return { parts, header, end };

  function writeStep(step: Step, view: DataView): void {
    const channels = step.kind === 'unpack' ? step.inputs.length : (values[step.output]?.channels ?? 0);
    const outLayout = layoutOf(step.output);
    const inLayout = step.inputs[0] ? layoutOf(step.inputs[0].value) : outLayout;
    view.setUint32(0, kinds[step.kind], true);
    view.setUint32(12, addressOf(outLayout), true);
    view.setUint32(16, addressOf(inLayout), true);
    if (step.kind === 'conv') writeConv(step, view, channels, inLayout);
    else writeOther(step, view, channels, inLayout, outLayout);
  }

  function writeConv(step: ConvOp, view: DataView, channels: number, inLayout: Layout): void {
    const { weights, residual, output } = step;
    const taps = reserve(tapBytes * weights.weights.length);
    const records = reserve(recordBytes * channels);
    const sources = step.inputs.map(offsetOf);
    const pitch = pitchOf(inLayout);
    for (let tap = 0; tap < weights.weights.length; tap++) {
      const place = weights.places[tap] as number;
      const row = Math.floor(place / step.kernel[1]);
      const shift = (row - step.pads[0]) * pitch + (place - row * step.kernel[1] - step.pads[2]) * vectorBytes;
      taps.view.setUint32(tapBytes * tap, (sources[weights.inputs[tap] as number] as number) + shift, true);
      taps.view.setFloat32(tapBytes * tap + 4, weights.weights[tap] as number, true);
    }
    for (let channel = 0; channel < channels; channel++) {
      const at = recordBytes * channel;
      const added = residual?.[channel];
      const offset = offsetOf({ value: output, channel });
      records.view.setUint32(at, offset, true);
      records.view.setUint32(at + 4, added ? (offsetOf(added) - offset) >>> 0 : 0, true); // from the output on, as addresses wrap
      records.view.setFloat32(at + 8, weights.bias[channel] as number, true);
      records.view.setUint32(at + 12, taps.address + tapBytes * (weights.ends[channel] as number), true);
    }
    view.setUint32(8, records.address, true);
    view.setInt32(20, step.strides[0], true);
    view.setInt32(24, step.strides[1], true);
    view.setFloat32(28, step.range[0], true);
    view.setFloat32(32, step.range[1], true);
    view.setInt32(36, residual ? 1 : 0, true);
    const begins = Array.from(weights.ends, (_, channel) => (channel === 0 ? 0 : (weights.ends[channel - 1] as number)));
    const costs = begins.map((begin, channel) => (weights.ends[channel] as number) - begin + channelCost);
    writeShares(view, costs, layoutOf(output), (channel) => taps.address + tapBytes * (begins[channel] ?? 0));
  }

  function writeOther(
    step: PoolOp | MoveStep | Exclude<Step, ConvOp>,
    view: DataView,
    channels: number,
    input: Layout,
    output: Layout,
  ): void {
    const records = reserve(recordBytes * channels);
    const corner = 'kernel' in step ? step.pads[0] * pitchOf(input) + step.pads[2] * vectorBytes : 0;
    for (let channel = 0; channel < channels; channel++) {
      const source = step.inputs[channel];
      if (step.kind !== 'unpack') records.view.setUint32(recordBytes * channel, offsetOf({ value: step.output, channel }), true);
      if (source) records.view.setUint32(recordBytes * channel + 4, offsetOf(source) - corner, true);
    }
    view.setUint32(8, records.address, true);
    if ('kernel' in step) writeWindow(step, step.kind === 'avg-pool', view, input, output);
    else view.setInt32(20, step.kind === 'unpack' ? options.classes : channels, true);
    writeShares(view, Array<number>(channels).fill(costOf(step, input)), output, () => 0);
  }

  function writeWindow(window: SlidingWindow, isMean: boolean, view: DataView, input: Layout, output: Layout): void {
    [...window.strides, ...window.kernel].forEach((word, index) => {
      view.setInt32(20 + 4 * index, word, true);
    });
    if (!isMean) return;
    const factors = toPoolFactors(window, input, output);
    const { address, view: table } = reserve(4 * factors.length);
    factors.forEach((factor, index) => {
      table.setFloat32(4 * index, factor, true);
    });
    view.setUint32(36, address, true);
  }

  function writeShares(view: DataView, costs: readonly number[], { band, width }: Layout, tapOf: (channel: number) => number): void {
    const shares = shareOut(costs, band, width, options.threads);
    const { address, view: table } = reserve(shareBytes * shares.length);
    shares.forEach((share, index) => {
      writeShare(share, tapOf(share.channels[0]), new DataView(table.buffer, index * shareBytes, shareBytes));
    });
    view.setUint32(4, address, true);
    view.setInt32(40, shares.length - 1, true);
  }
}

/** Of a vector of outputs, in multiply-accumulates or what takes as long. */
function costOf(step: Step, input: Layout): number {
  if ('kernel' in step) return step.kernel[0] * step.kernel[1];
  if (step.kind === 'mean') return input.band * input.width;
  return step.kind === 'unpack' ? 0 : 4;
}
