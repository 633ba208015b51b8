import { formatPercent } from '@precrop/sdk/core/units';

/** 2.437 → "2.4x", 1.07 → "1.07x", 12.3 → "12x". */
export function formatTimes(factor: number): string {
  return `${factor.toFixed(factor < 1.2 ? 2 : factor < 10 ? 1 : 0)}x`;
}

/** A difference of fractions in percentage points, without its sign: −0.031 → "3.1 points". */
export function formatPoints(difference: number): string {
  const points = Math.abs(difference * 100).toFixed(1);
  return `${points} ${points === '1.0' ? 'point' : 'points'}`;
}

/** 2000 → "2,000", in every locale. */
export function formatInteger(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A ratio as a share, with a decimal only where it says something: 0.253 → "25 %", 0.0312 → "3.1 %". */
export function formatShare(ratio: number): string {
  return formatPercent(ratio, ratio < 0.1 ? 1 : 0);
}

/** Below this factor a difference in time is not called one. */
const noticeable = 1.05;

/** "2.4x faster", "1.3x slower", or undefined where the two are about equal. @param speedup original ÷ crop. */
export function toSpeedWords(speedup: number): string | undefined {
  if (speedup >= noticeable) return `${formatTimes(speedup)} faster`;
  if (speedup <= 1 / noticeable) return `${formatTimes(1 / speedup)} slower`;
  return undefined;
}
