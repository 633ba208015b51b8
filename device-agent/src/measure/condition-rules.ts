import { formatPercent, formatSignificant } from '@precrop/sdk/core/units';
import { describeClockJump } from './clock-guard.js';
import type { Conditions } from './conditions.js';
import { toPowerReasons } from './power-state.js';
import { describeRepeat, relativeErrorOf } from './repeatability.js';
import type { Rule } from './rule.js';
import { median } from './statistics.js';

/** Others that use less of the machine are always there. */
const mostOthersShare = 0.1;
/** Cores that stand farther from the state that is measured in give no number (`CoreWatch.apart`). */
export const mostCoresApart = 1.5;

/** What must hold while samples are taken for them to be trusted. */
export const conditionRules: readonly Rule[] = [
  {
    value: (samples, { clockResolutionMs = 0 }) => clockResolutionMs / median(samples),
    noisy: 0.01,
    invalid: 0.1,
    reason: (share, { clockResolutionMs = 0 }) =>
      `The clock's steps of ${formatSignificant(clockResolutionMs)} ms are ${formatPercent(share)} of a sample: time several repetitions as one.`,
  },
  {
    value: (_, { clockJump }) => (clockJump ? 1 : 0),
    noisy: 0,
    invalid: 0,
    reason: (_, { clockJump }) => (clockJump ? describeClockJump(clockJump) : ''),
  },
  {
    value: (_, { load }) => load?.othersShare ?? 0,
    noisy: mostOthersShare,
    invalid: 0.3,
    reason: (share) => `Other programs took ${formatPercent(share)} of the processor's time meanwhile: close them, and measure again.`,
  },
  {
    value: (_, { load }) => load?.stealShare ?? 0,
    noisy: mostOthersShare,
    invalid: 0.3,
    reason: (share) =>
      `This is a virtual machine, and its host gave ${formatPercent(share)} of the processor's time to others meanwhile: measure again when the host is quiet.`,
  },
  {
    value: (_, { slowdown = 0 }) => slowdown,
    noisy: 0.1,
    invalid: 0.3,
    reason: describeSlowdown,
  },
  {
    value: (_, { coresApart = 0 }) => coresApart,
    noisy: 1,
    invalid: mostCoresApart,
    reason: () =>
      'The host of this virtual machine moved the cores that threads run on apart or together meanwhile: a handshake between them, or work on both, took another time.',
  },
  {
    value: (_, { power }) => (power ? toPowerReasons(power).length : 0),
    noisy: 0,
    invalid: Number.POSITIVE_INFINITY,
    reason: (_, { power }) => toPowerReasons(power ?? 'unknown').join(' '),
  },
  {
    value: (_, { errorBar }) => (errorBar && describeRepeat(errorBar) !== undefined ? 1 : 0),
    noisy: 0,
    invalid: 1,
    reason: (_, { errorBar }) => (errorBar && describeRepeat(errorBar)) ?? '',
  },
  {
    value: (_, { errorBar }) => (errorBar?.repeats ? relativeErrorOf(errorBar) : 0),
    noisy: 0.05,
    invalid: 0.25,
    reason: (share) => `The median is known to ± ${formatPercent(share)} only: measure for longer.`,
  },
];

/** Heat and other programs look alike to who only sees that work takes longer; the load tells them apart. */
function describeSlowdown(share: number, { load }: Conditions): string {
  const slower = `The processor worked ${formatPercent(share)} slower than at its best, and went on so`;
  if (!load) return `${slower}: it is throttled, or busy with something else.`;
  const isBusy = Math.max(load.othersShare, load.stealShare ?? 0) > mostOthersShare;
  return isBusy
    ? `${slower}: it is busy with something else.`
    : `${slower} with nothing else to do: it is throttled, by heat or to save power.`;
}
