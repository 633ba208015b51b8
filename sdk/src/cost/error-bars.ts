/** Two-sided quantile of the standard normal distribution at which an interval covers 90 %. */
export const normalReach = 1.645;
/** So many observations weigh as much as the assumption that the deviations are right as they are. */
const assumed = 4;

/**
 * How many standard deviations an interval must reach so that it covers 90 %: from how far observations lay from what all others said of them, in
 * standard deviations. Their mean square says it, as if they were normal.
 */
export function calibrateDeviations(deviations: readonly number[]): number {
  const squares = deviations.reduce((sum, deviation) => sum + deviation ** 2, 0);
  return normalReach * Math.sqrt((squares + assumed) / (deviations.length + assumed));
}
