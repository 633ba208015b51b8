import { createArchitecture } from '../architectures/registry.js';
import type { Architecture } from '../ir/architecture.js';
import { withWidths } from '../ir/widths.js';
import type { EngineProfile, ProfileMemory, ProfileTiming } from './device-profile.js';
import { type Purpose, toKernels } from './kernels.js';
import type { Timing } from './time-model.js';

/** What the time model learns from a profile: all timings of an engine but the invalid ones. */
export function toTimings({ timings }: Pick<EngineProfile, 'timings'>, purpose: Purpose): readonly Timing[] {
  const kept = timings.filter(({ verdict }) => verdict !== 'invalid');
  const originals = new Map([...new Set(kept.map(({ network }) => network))].map((name) => [name, createArchitecture(name)]));
  return kept.map((timing) => ({
    kernels: toKernels(toProfiledNetwork(timing, originals.get(timing.network)), purpose),
    batch: timing.batch,
    network: timing.network,
    ms: timing.medianMs,
    relativeError: (timing.highMs - timing.lowMs) / 4 / timing.medianMs,
    // timings while the cores stood otherwise share factors of their own
    state: timing.cores === 'usual' ? undefined : timing.cores,
    isRandom: timing.isRandom,
  }));
}

/** The network that was measured. @param original its architecture, where it is there already. */
export function toProfiledNetwork(
  { network, widths }: ProfileTiming | ProfileMemory,
  original: Architecture = createArchitecture(network),
): Architecture {
  return withWidths(original, new Map(Object.entries(widths)));
}
