import type { SeedSpread } from './comparison.js';

/** What accuracies of one network by several seeds come to. @throws RangeError without any. */
export function toSeedSpread(accuracies: readonly number[]): SeedSpread {
  if (accuracies.length === 0) throw new RangeError('There are no accuracies.');
  const count = accuracies.length;
  const mean = accuracies.reduce((sum, each) => sum + each, 0) / count;
  const squares = accuracies.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return {
    mean,
    least: Math.min(...accuracies),
    most: Math.max(...accuracies),
    deviation: count === 1 ? null : Math.sqrt(squares / (count - 1)),
  };
}
