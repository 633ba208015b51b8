import { createArchitecture } from '../architectures/registry.js';
import { oncePerName } from '../core/once.js';
import type { Architecture } from '../ir/architecture.js';
import { type Widths, withWidths } from '../ir/widths.js';
import type { EngineProfile, ProfileMemory, ProfileTiming } from './device-profile.js';
import { type Purpose, toKernels } from './kernels.js';
import { countMemoryParts, type MemoryObservation } from './memory-model.js';
import type { Timing } from './time-model.js';

/** Profiles name few architectures, at many widths. */
const originalOf = oncePerName((name) => createArchitecture(name));

/** What the time model learns from a profile: all timings of an engine but the invalid ones. */
export function toTimings({ timings }: Pick<EngineProfile, 'timings'>, purpose: Purpose): readonly Timing[] {
  const kept = timings.filter(({ verdict }) => verdict !== 'invalid');
  return kept.map((timing) => ({
    kernels: toKernels(originalOf(timing.network), purpose, widthsOf(timing)),
    batch: timing.batch,
    network: timing.network,
    ms: timing.medianMs,
    relativeError: (timing.highMs - timing.lowMs) / 4 / timing.medianMs,
    // timings while the cores stood otherwise share factors of their own
    state: timing.cores === 'usual' ? undefined : timing.cores,
    isRandom: timing.isRandom,
  }));
}

/** What the memory model learns from a profile. */
export function toObservations({ memory }: Pick<EngineProfile, 'memory'>): readonly MemoryObservation[] {
  return memory.map((each) => ({ ...countMemoryParts(originalOf(each.network), each.batch, widthsOf(each)), peakBytes: each.peakBytes }));
}

/** The network that was measured. */
export function toProfiledNetwork(measured: ProfileTiming | ProfileMemory): Architecture {
  return withWidths(originalOf(measured.network), widthsOf(measured));
}

function widthsOf({ widths }: ProfileTiming | ProfileMemory): Widths {
  return new Map(Object.entries(widths));
}
