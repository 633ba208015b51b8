import { UsageError } from '../core/errors.js';

/** Linear rise to `peak` over `warmup` of the steps, then half a cosine down to `final · peak`. Loshchilov & Hutter 2017, arXiv 1608.03983, eq. 5. */
export interface CosineSchedule {
  readonly kind: 'cosine';
  readonly peak: number;
  /** Share of all steps, 0 for none. */
  readonly warmup: number;
  /** Share of the peak that is left at the end. */
  readonly final: number;
}

/** Half a cosine up from `peak / initialDivisor`, half a cosine down to nearly zero. Smith & Topin 2019, arXiv 1708.07120. */
export interface OneCycleSchedule {
  readonly kind: 'one-cycle';
  readonly peak: number;
  /** Share of all steps in which the rate rises. */
  readonly warmup: number;
  readonly initialDivisor: number;
  readonly finalDivisor: number;
}

export type Schedule = CosineSchedule | OneCycleSchedule;

/** Learning rate of step `step` of `total`, counted from 0. */
export function learningRateAt(schedule: Schedule, step: number, total: number): number {
  checkSchedule(schedule);
  const rising = schedule.warmup * total;
  if (schedule.kind === 'cosine') {
    if (step < rising) return (schedule.peak * (step + 1)) / rising;
    return between(schedule.peak, schedule.peak * schedule.final, (step - rising) / Math.max(1, total - rising));
  }
  const initial = schedule.peak / schedule.initialDivisor;
  if (step < rising) return between(initial, schedule.peak, step / rising);
  return between(schedule.peak, schedule.peak / schedule.finalDivisor, (step - rising) / Math.max(1, total - 1 - rising));
}

function between(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * Math.min(1, share)))) / 2;
}

function checkSchedule({ peak, warmup }: Schedule): void {
  if (!(peak > 0)) throw new UsageError(`The peak learning rate is ${peak}, but must be above 0.`);
  if (!(warmup >= 0 && warmup < 1)) throw new UsageError(`The warm-up is ${warmup} of the steps, but must be at least 0 and below 1.`);
}
