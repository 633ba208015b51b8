import type { EpochRecord, RunEvent } from '@precrop/sdk/core/events';
import { formatBytes, formatMs, formatPercent } from '@precrop/sdk/core/units';

type StepEvent = Extract<RunEvent, { type: 'step' }>;
type AmountEvent = Extract<RunEvent, { type: 'progress' }>;

/** What the events of one task have told so far. */
export interface ProgressState {
  /** Of the whole training; undefined where the task trains nothing. */
  readonly epochs: number | undefined;
  /** Whether each phase begins another training, and names it. */
  readonly isSeries: boolean;
  /** The last phase, in words. */
  readonly doing: string;
  readonly amount?: AmountEvent & { readonly since: number; readonly from: number };
  readonly step?: StepEvent;
  /** Smoothed. */
  readonly stepMs?: number;
  readonly lastEpoch?: EpochRecord;
}

export function createProgressState(epochs?: number, isSeries = false): ProgressState {
  return { epochs, isSeries, doing: '' };
}

/** The state after one more event. @param now milliseconds */
export function advance(state: ProgressState, event: RunEvent, now: number): ProgressState {
  switch (event.type) {
    case 'phase': {
      if (state.isSeries) return { ...createProgressState(state.epochs, true), doing: event.message ?? event.name };
      const { amount: _, step: __, ...rest } = state;
      return { ...rest, doing: event.message ?? event.name };
    }
    case 'progress': {
      const goesOn = state.amount?.name === event.name && state.amount.done <= event.done;
      const { since, from } = goesOn && state.amount ? state.amount : { since: now, from: event.done };
      return { ...state, amount: { ...event, since, from } };
    }
    case 'step':
      return { ...state, step: event, stepMs: smooth(state.stepMs, event.stepMs) };
    case 'epoch':
      return { ...state, lastEpoch: event.record };
    case 'warning':
      return state;
  }
}

/** The state as one line that is rewritten: what does not fit is left out, the least important first. */
export function toProgressLine(state: ProgressState, columns: number, now: number): string {
  if (state.step) return fitLine(describeTraining(state, state.step), columns);
  if (state.amount) return fitLine(describeAmount(state, state.amount, now), columns);
  return fitLine([{ text: state.doing, rank: 0 }], columns);
}

/** What is worth a line of its own where no line can be rewritten; undefined for all else. */
export function toMilestone(before: ProgressState, after: ProgressState, event: RunEvent): string | undefined {
  switch (event.type) {
    case 'phase':
      return after.doing === before.doing ? undefined : after.doing;
    case 'progress': {
      const quarter = (amount: AmountEvent | undefined): number => (amount ? Math.floor((4 * amount.done) / amount.total) : -1);
      const isNew = before.amount?.name !== event.name || quarter(before.amount) !== quarter(event);
      if (!isNew) return undefined;
      return event.unit === 'bytes' && after.doing !== '' ? `${after.doing}: ${formatAmount(event)}` : formatAmount(event);
    }
    case 'epoch':
      return [
        `epoch ${event.record.epoch + 1}${after.epochs === undefined ? '' : `/${after.epochs}`}`,
        `loss ${event.record.trainLoss.toFixed(3)}`,
        `test ${formatPercent(event.record.testAccuracy)}`,
        formatMs(event.record.trainSeconds * 1000),
        ...timeLeft(after).map(formatLeft),
      ].join('  ');
    default:
      return undefined;
  }
}

interface Segment {
  readonly text: string;
  /** The higher, the sooner it is left out. */
  readonly rank: number;
}

function describeTraining(state: ProgressState, { epoch, step, stepsPerEpoch, loss }: StepEvent): readonly Segment[] {
  const { epochs = epoch + 1, lastEpoch, stepMs = 0 } = state;
  const isDone = lastEpoch !== undefined && lastEpoch.epoch >= epoch;
  const width = String(epochs).length;
  return [
    ...(state.isSeries ? [{ text: state.doing, rank: 0 }] : []),
    { text: toBar((epoch * stepsPerEpoch + step + 1) / (epochs * stepsPerEpoch)), rank: 2 },
    { text: `epoch ${String(epoch + 1).padStart(width)}/${epochs}`, rank: 0 },
    { text: `step ${String(step + 1).padStart(String(stepsPerEpoch).length)}/${stepsPerEpoch}`, rank: 5 },
    { text: `loss ${(isDone ? lastEpoch.trainLoss : loss).toFixed(3)}`, rank: 1 },
    ...(lastEpoch ? [{ text: `test ${formatPercent(lastEpoch.testAccuracy)}`, rank: 0 }] : []),
    { text: `${formatMs(stepMs)}/step`, rank: 4 },
    ...timeLeft(state).map((ms) => ({ text: formatLeft(ms), rank: 3 })),
  ];
}

function describeAmount({ doing }: ProgressState, amount: NonNullable<ProgressState['amount']>, now: number): readonly Segment[] {
  const { done, total, from, since } = amount;
  const perMs = (done - from) / (now - since);
  const left = now - since > 1000 && perMs > 0 ? [{ text: formatLeft((total - done) / perMs), rank: 1 }] : [];
  return [
    ...(doing === '' || amount.unit !== 'bytes' ? [] : [{ text: doing, rank: 3 }]),
    { text: toBar(done / total), rank: 2 },
    { text: formatAmount(amount), rank: 0 },
    ...left,
  ];
}

function formatAmount({ name, done, total, unit }: AmountEvent): string {
  return unit === 'bytes' ? `${formatBytes(done)} of ${formatBytes(total)}` : `${name} ${done} of ${total}`;
}

/** Milliseconds of work that the task has before it: nothing before the first step. */
function timeLeft({ epochs, step, stepMs, lastEpoch }: ProgressState): readonly number[] {
  if (!step || stepMs === undefined || epochs === undefined) return [];
  const { epoch, stepsPerEpoch } = step;
  const stepsLeft = (epochs - epoch) * stepsPerEpoch - step.step - 1;
  const evaluationsLeft = epochs - 1 - (lastEpoch?.epoch ?? epoch - 1);
  const ms = stepsLeft * stepMs + evaluationsLeft * (lastEpoch?.evaluateSeconds ?? 0) * 1000;
  return ms > 0 ? [ms] : [];
}

/** Coarse: nobody reads the seconds of ten minutes. */
function formatLeft(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min left` : `${Math.round(minutes / 6) / 10} h left`;
}

// The first steps of a process compile and allocate: a step that is twice as fast begins the average anew.
function smooth(average: number | undefined, stepMs: number): number {
  return average === undefined || stepMs < average / 2 ? stepMs : 0.9 * average + 0.1 * stepMs;
}

function toBar(fraction: number, width = 12): string {
  const filled = Math.max(0, Math.min(width, Math.floor(fraction * width)));
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

function fitLine(segments: readonly Segment[], columns: number): string {
  const line = segments.map(({ text }) => text).join('  ');
  if (line.length <= columns) return line;
  const least = Math.max(...segments.map(({ rank }) => rank));
  const shorter = segments.filter(({ rank }) => rank < least);
  return shorter.length > 0 ? fitLine(shorter, columns) : `${line.slice(0, Math.max(0, columns - 1))}…`;
}
