import type { EngineProfile } from '@precrop/sdk/cost/device-profile';
import { type Purpose, toKernels } from '@precrop/sdk/cost/kernels';
import { toTimings } from '@precrop/sdk/cost/profiled-timings';
import { fitTimeModel } from '@precrop/sdk/cost/time-model';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { median, quantile } from '../measure/statistics.js';
import type { MachineRatesAnswer } from './machine-rates-service.js';

/** What an engine's timings say of networks that were not timed, and of each other. */
export interface TimingsFit {
  readonly estimate: (architecture: Architecture, batch: number) => { readonly ms: number; readonly deviation: number };
  /** For each network that was timed, how far off the others are that are asked for it, as a fraction. */
  readonly leftOut: readonly { readonly network: string; readonly error: number }[];
}

export interface LeftOutErrors {
  readonly median: number;
  readonly p90: number;
}

export function fitTimings(
  engine: Pick<EngineProfile, 'timings' | 'callMs'>,
  { peakGflops, bandwidthGbPerS }: MachineRatesAnswer,
  purpose: Purpose,
): TimingsFit {
  const timings = toTimings(engine, purpose);
  const model = fitTimeModel(timings, { gigaMacsPerS: peakGflops / 2, gigabytesPerS: bandwidthGbPerS, callMs: engine.callMs });
  return {
    estimate: (architecture, batch) => model.estimate(toKernels(architecture, purpose), batch, architecture.name),
    leftOut: model.leftOut.map(({ relative }, index) => ({ network: timings[index]?.network ?? '', error: Math.abs(relative) })),
  };
}

/** Null with fewer networks than that says anything. */
export function toLeftOutErrors({ leftOut }: TimingsFit): LeftOutErrors | null {
  const errors = leftOut.map(({ error }) => error);
  return errors.length < 8 ? null : { median: median(errors), p90: quantile(errors, 0.9) };
}
