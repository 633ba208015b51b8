/** Two-sided quantile of the standard normal distribution at which an interval covers 90 %. */
export const normalReach = 1.645;
/** So many observations weigh as much as the assumption that the deviations are right as they are. */
const assumed = 4;

/**
 * How many standard deviations an interval must reach so that it covers the truth as often as it says: from how far observations lay from
 * what all others said of them, in standard deviations. With few observations, as if errors were normal.
 */
export function calibrateDeviations(deviations: readonly number[], coverage: number): number {
  const sorted = deviations.map(Math.abs).sort((a, b) => a - b);
  if (sorted.length === 0) return normalReach;
  const position = Math.min(sorted.length - 1, coverage * (sorted.length + 1) - 1);
  const low = sorted[Math.max(0, Math.floor(position))] as number;
  const high = sorted[Math.max(0, Math.ceil(position))] as number;
  const seen = low + (high - low) * (position - Math.floor(position));
  return (sorted.length * seen + assumed * normalReach) / (sorted.length + assumed);
}
