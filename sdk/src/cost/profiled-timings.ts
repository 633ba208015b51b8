import { createArchitecture } from '../architectures/registry.js';
import type { Architecture } from '../ir/architecture.js';
import { type Widths, withWidths } from '../ir/widths.js';
import type { EngineProfile, ProfileMemory, ProfileTiming } from './device-profile.js';
import { createKernelLister, type Purpose } from './kernels.js';
import type { Timing } from './time-model.js';

/** What the time model learns from a profile: all timings of an engine but the invalid ones. */
export function toTimings({ timings }: Pick<EngineProfile, 'timings'>, purpose: Purpose): readonly Timing[] {
  const kept = timings.filter(({ verdict }) => verdict !== 'invalid');
  const names = new Set(kept.map(({ network }) => network));
  const listers = new Map([...names].map((name) => [name, createKernelLister(createArchitecture(name), purpose)]));
  return kept.map((timing) => ({
    kernels: listers.get(timing.network)?.(toWidths(timing)) ?? [],
    batch: timing.batch,
    network: timing.network,
    ms: timing.medianMs,
    relativeError: (timing.highMs - timing.lowMs) / 4 / timing.medianMs,
    // timings while the cores stood otherwise share factors of their own
    state: timing.cores === 'usual' ? undefined : timing.cores,
    isRandom: timing.isRandom,
  }));
}

/** The network that was measured. */
export function toProfiledNetwork(measured: ProfileTiming | ProfileMemory): Architecture {
  return withWidths(createArchitecture(measured.network), toWidths(measured));
}

function toWidths({ widths }: ProfileTiming | ProfileMemory): Widths {
  return new Map(Object.entries(widths));
}
