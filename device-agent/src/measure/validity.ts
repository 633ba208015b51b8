import { formatPercent } from '@precrop/sdk/core/units';
import { conditionRules } from './condition-rules.js';
import type { Conditions } from './conditions.js';
import type { Rule } from './rule.js';
import { median, medianAbsoluteDeviation, quantile } from './statistics.js';

/** Whether a number may be trusted: `noisy` is shown with its reason, `invalid` is never compared. */
export type Verdict = 'valid' | 'noisy' | 'invalid';

export interface Judgement {
  readonly verdict: Verdict;
  /** Sentences; empty when valid. */
  readonly reasons: readonly string[];
}

/** Below this the order statistics of a sample say little. */
const enoughSamples = 8;

const sampleRules: readonly Rule[] = [
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

/** Whether samples in the order they were taken, under such conditions, may be trusted. Every rule that they break gives a reason. */
export function judge(samples: readonly number[], conditions: Conditions = {}): Judgement {
  if (samples.length === 0) return { verdict: 'invalid', reasons: ['There are no samples.'] };
  const wrong = samples.find((sample) => !(sample > 0 && sample < Number.POSITIVE_INFINITY));
  if (wrong !== undefined) return { verdict: 'invalid', reasons: [`A sample is ${wrong}, but times are above 0.`] };

  const broken = [...sampleRules, ...conditionRules].flatMap(({ value: measure, noisy, invalid, reason }) => {
    const value = measure(samples, conditions);
    return value > noisy
      ? [{ verdict: value > invalid ? ('invalid' as const) : ('noisy' as const), reason: reason(value, conditions) }]
      : [];
  });
  return { verdict: worstVerdict(broken.map(({ verdict }) => verdict)), reasons: broken.map(({ reason }) => reason) };
}

/** Invalid before noisy before valid. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return (['invalid', 'noisy'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'valid';
}

/** How much larger the median of the last third is than that of the first. */
function drift(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  if (third === 0) return 0;
  return median(samples.slice(-third)) / median(samples.slice(0, third)) - 1;
}
