import type { MeanInterval } from '../../measure/mean-interval.js';
import { formatPoints } from '../format.js';

/** 0.012 → "+1.2", in percentage points; what rounds to nothing has no sign. */
export function formatSigned(difference: number, digits = 1): string {
  const points = (100 * difference).toFixed(digits);
  if (Number(points) === 0) return points.replace('-', '');
  return difference > 0 ? `+${points}` : points;
}

/** "-2.8 to -1.4", or what stands for it where nothing was repeated. */
export function formatInterval({ low, high }: MeanInterval, digits = 1, none = 'none'): string {
  return low === null || high === null ? none : `${formatSigned(low, digits)} to ${formatSigned(high, digits)}`;
}

/** "1.2 points less accurate". */
export function formatChange(difference: number): string {
  return `${formatPoints(difference)} ${difference < 0 ? 'less' : 'more'} accurate`;
}
