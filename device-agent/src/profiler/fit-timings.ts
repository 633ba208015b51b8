import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { toState } from '@precrop/sdk/cost/cost-model';
import type { EngineProfile } from '@precrop/sdk/cost/device-profile';
import { type Purpose, toKernels } from '@precrop/sdk/cost/kernels';
import { fitTimeModel } from '@precrop/sdk/cost/time-model';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { withWidths } from '@precrop/sdk/ir/widths';
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
  { timings, callMs }: Pick<EngineProfile, 'timings' | 'callMs'>,
  { peakGflops, bandwidthGbPerS }: MachineRatesAnswer,
  purpose: Purpose,
): TimingsFit {
  const kept = timings.filter(({ verdict }) => verdict !== 'invalid');
  const model = fitTimeModel(
    kept.map(({ network, widths, batch, cores, medianMs, lowMs, highMs }) => ({
      kernels: toKernels(withWidths(createArchitecture(network), new Map(Object.entries(widths))), purpose),
      batch,
      network,
      state: toState(cores),
      ms: medianMs,
      relativeError: (highMs - lowMs) / 4 / medianMs,
    })),
    { gigaMacsPerS: peakGflops / 2, gigabytesPerS: bandwidthGbPerS, callMs },
  );
  return {
    estimate: (architecture, batch) => model.estimate(toKernels(architecture, purpose), batch, architecture.name),
    leftOut: model.leftOut.map(({ relative }, index) => ({ network: kept[index]?.network ?? '', error: Math.abs(relative) })),
  };
}

/** Null with fewer networks than that says anything. */
export function toLeftOutErrors({ leftOut }: TimingsFit): LeftOutErrors | null {
  const errors = leftOut.map(({ error }) => error);
  return errors.length < 8 ? null : { median: median(errors), p90: quantile(errors, 0.9) };
}
