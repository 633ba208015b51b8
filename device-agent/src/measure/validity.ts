import { formatPercent, formatSignificant } from '@precrop/sdk/core/units';
import { median, medianAbsoluteDeviation, quantile } from './statistics.js';

/** Whether a number may be trusted: `noisy` is shown with its reason, `invalid` is never compared. */
export type Verdict = 'valid' | 'noisy' | 'invalid';

export interface Judgement {
  readonly verdict: Verdict;
  /** Sentences; empty when valid. */
  readonly reasons: readonly string[];
}

interface Rule {
  /** How bad it is. */
  readonly value: (samples: readonly number[]) => number;
  /** Above these the samples are noisy, or invalid. */
  readonly noisy: number;
  readonly invalid: number;
  readonly reason: (value: number) => string;
}

/** Below this the order statistics of a sample say little. */
const enoughSamples = 8;

const rules: readonly Rule[] = [
  {
    value: (samples) => enoughSamples - samples.length,
    noisy: 0,
    invalid: enoughSamples - 3,
    reason: (missing) => `Only ${enoughSamples - missing} samples were taken, where ${enoughSamples} are needed.`,
  },
  {
    value: (samples) => medianAbsoluteDeviation(samples) / median(samples),
    noisy: 0.05,
    invalid: 0.25,
    reason: (share) => `Half of the samples lie more than ${formatPercent(share)} from the median.`,
  },
  {
    value: (samples) => (quantile(samples, 0.75) - quantile(samples, 0.25)) / median(samples),
    noisy: 0.15,
    invalid: 0.6,
    reason: (share) => `The middle half of the samples spans ${formatPercent(share)} of the median.`,
  },
  {
    value: (samples) => Math.abs(drift(samples)),
    noisy: 0.1,
    invalid: 0.5,
    reason: (share) => `The last third of the samples differs from the first by ${formatPercent(share)}: the machine was not steady.`,
  },
];

/** Whether samples in the order they were taken may be trusted. Every rule that they break gives a reason. */
export function judge(samples: readonly number[], clockResolution = 0): Judgement {
  if (samples.length === 0) return { verdict: 'invalid', reasons: ['There are no samples.'] };
  const wrong = samples.find((sample) => !(sample > 0 && sample < Number.POSITIVE_INFINITY));
  if (wrong !== undefined) return { verdict: 'invalid', reasons: [`A sample is ${wrong}, but times are above 0.`] };

  const broken = [...rules, createClockRule(clockResolution)].flatMap(({ value: measure, noisy, invalid, reason }) => {
    const value = measure(samples);
    return value > noisy ? [{ verdict: value > invalid ? ('invalid' as const) : ('noisy' as const), reason: reason(value) }] : [];
  });
  return { verdict: worstVerdict(broken.map(({ verdict }) => verdict)), reasons: broken.map(({ reason }) => reason) };
}

/** Invalid before noisy before valid. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return (['invalid', 'noisy'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'valid';
}

function createClockRule(resolution: number): Rule {
  return {
    value: (samples) => resolution / median(samples),
    noisy: 0.01,
    invalid: 0.1,
    reason: (share) =>
      `The clock's steps of ${formatSignificant(resolution)} ms are ${formatPercent(share)} of a sample: time several repetitions as one.`,
  };
}

/** How much larger the median of the last third is than that of the first. */
function drift(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  if (third === 0) return 0;
  return median(samples.slice(-third)) / median(samples.slice(0, third)) - 1;
}
