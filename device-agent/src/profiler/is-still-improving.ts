import type { Purpose } from '@precrop/sdk/cost/kernels';
import type { Findings } from './findings.js';
import { fitTimings, type LeftOutErrors, toLeftOutErrors } from './fit-timings.js';

/** How well the timings explain each other after a round; null where that cannot be told yet. */
export type RoundErrors = Readonly<Record<Purpose, LeftOutErrors | null>>;

const patience = 2;
const leastGain = 0.03;
/** The model's cost grows with the cube of their number. */
const mostTimings = 700;

export function toRoundErrors({ machine, ...engines }: Findings): RoundErrors & { readonly timings: number } {
  const errorsOf = (purpose: Purpose): LeftOutErrors | null => {
    const [engine] = engines[purpose];
    return engine && machine ? toLeftOutErrors(fitTimings(engine, machine, purpose)) : null;
  };
  return {
    inference: errorsOf('inference'),
    training: errorsOf('training'),
    timings: Math.max(engines.inference[0]?.timings.length ?? 0, engines.training[0]?.timings.length ?? 0),
  };
}

/** Whether one of the last rounds made the estimates of inference or training clearly better than all before had. */
export function isStillImproving(rounds: readonly (RoundErrors & { readonly timings: number })[]): boolean {
  if (rounds.length <= patience) return true;
  if ((rounds.at(-1)?.timings ?? 0) >= mostTimings) return false;
  return (['inference', 'training'] as const).some((purpose) => {
    const p90s = rounds.map((round) => round[purpose]?.p90 ?? Number.POSITIVE_INFINITY);
    const before = Math.min(...p90s.slice(0, -patience));
    const lately = Math.min(...p90s.slice(-patience));
    return lately < (1 - leastGain) * before;
  });
}
