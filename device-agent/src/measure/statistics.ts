/** What a list of samples comes to. */
export interface Summary {
  readonly median: number;
  readonly p5: number;
  readonly p95: number;
  /** Median absolute deviation from the median. */
  readonly mad: number;
}

/** @throws RangeError without samples. */
export function summarize(samples: readonly number[]): Summary {
  return { median: median(samples), p5: quantile(samples, 0.05), p95: quantile(samples, 0.95), mad: medianAbsoluteDeviation(samples) };
}

/**
 * The value below which a fraction of the samples lies, interpolated linearly between neighbours (Hyndman & Fan 1996, definition 7).
 * @throws RangeError without samples.
 */
export function quantile(samples: readonly number[], fraction: number): number {
  if (samples.length === 0) throw new RangeError('There are no samples.');
  const sorted = Float64Array.from(samples).sort(); // ten times as fast as an array's sort
  const position = fraction * (sorted.length - 1);
  const low = sorted[Math.floor(position)] as number;
  const high = sorted[Math.ceil(position)] as number;
  return low + (high - low) * (position - Math.floor(position));
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function medianAbsoluteDeviation(samples: readonly number[]): number {
  const middle = median(samples);
  return median(samples.map((sample) => Math.abs(sample - middle)));
}

export function sumOf(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0);
}
