import type { EngineProfile, ProfileTiming } from '@precrop/sdk/cost/device-profile';
import type { Purpose } from '@precrop/sdk/cost/kernels';
import type { NetworkPick } from './choose-network.js';
import type { MachineRatesAnswer } from './machine-rates-service.js';
import type { NetworkTiming } from './time-network.js';

/** What was measured so far: a profile that grows. */
export interface Findings {
  /** Null until it is measured. */
  readonly machine: MachineRatesAnswer | null;
  /** The fastest engine first. */
  readonly inference: readonly EngineProfile[];
  readonly training: readonly EngineProfile[];
  /** What engines said that were asked whether they work. */
  readonly answers: readonly { readonly name: string; readonly status: string; readonly device: string }[];
  /** Parts of the plan that are done with. */
  readonly partsDone: number;
  /** What all of it took until now. */
  readonly seconds: number;
  /** Why a timing was not trusted, the last time. */
  readonly lastDoubt: string | null;
}

export const noFindings: Findings = { machine: null, inference: [], training: [], answers: [], partsDone: 0, seconds: 0, lastDoubt: null };

/** With the first engine of a purpose, the one that is profiled, changed. */
export function withEngine(findings: Findings, purpose: Purpose, change: (engine: EngineProfile) => EngineProfile, index = 0): Findings {
  return { ...findings, [purpose]: findings[purpose].map((engine, at) => (at === index ? change(engine) : engine)) };
}

export function toProfileTiming({ network, widths, batch, isRandom }: NetworkPick, timing: NetworkTiming): ProfileTiming {
  const { cores, medianMs, lowMs, highMs, madMs, samplesMs, verdict } = timing;
  return { network, widths: Object.fromEntries(widths), batch, isRandom, cores, medianMs, lowMs, highMs, madMs, samplesMs, verdict };
}

/** Of two timings of one network the better one: by verdict, then by how well the median is known. */
export function chooseTiming(a: ProfileTiming, b: ProfileTiming): ProfileTiming {
  const rank = ({ verdict, lowMs, highMs, medianMs }: ProfileTiming): number =>
    ({ valid: 0, noisy: 1, invalid: 2 })[verdict] * 10 + Math.min(9, (highMs - lowMs) / medianMs);
  return rank(b) < rank(a) ? b : a;
}
