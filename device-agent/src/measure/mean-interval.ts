import { studentT } from './student-t.js';

/** A mean and the interval that holds the true one with 95 % certainty, if errors are independent and about normal. */
export interface MeanInterval {
  readonly mean: number;
  /** How many values; of a mean over blocks, in all of them. */
  readonly count: number;
  /** Standard deviation of one value; null where nothing was repeated. */
  readonly deviation: number | null;
  readonly degreesOfFreedom: number;
  /** Null where nothing was repeated. */
  readonly low: number | null;
  readonly high: number | null;
}

const confidence = 0.95;

/** Mean of repeated values. @throws RangeError without values. */
export function toMeanInterval(values: readonly number[]): MeanInterval {
  return toBlockedInterval([values]);
}

/**
 * Mean of the means of blocks, each block equally weighted, with the spread within the blocks: values differ from block to block without
 * widening the interval. Assumes that one value's spread is the same in every block and that all errors are independent, between blocks too.
 * @throws RangeError without blocks, or where one is empty.
 */
export function toBlockedInterval(blocks: readonly (readonly number[])[]): MeanInterval {
  if (blocks.length === 0 || blocks.some((block) => block.length === 0)) throw new RangeError('A mean needs a value in every block.');
  const means = blocks.map(meanOf);
  const mean = meanOf(means);
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const degreesOfFreedom = count - blocks.length;
  if (degreesOfFreedom === 0) return { mean, count, deviation: null, degreesOfFreedom, low: null, high: null };
  const squares = blocks.reduce((sum, block, index) => sum + squaresAround(means[index] ?? 0, block), 0);
  const deviation = Math.sqrt(squares / degreesOfFreedom);
  const error = (deviation / blocks.length) * Math.sqrt(blocks.reduce((sum, block) => sum + 1 / block.length, 0));
  const reach = studentT(confidence, degreesOfFreedom) * error;
  return { mean, count, deviation, degreesOfFreedom, low: mean - reach, high: mean + reach };
}

/** Half the width of an interval: what a mean must differ by to be told from zero with a spread like this. */
export function resolutionOf({ low, high }: MeanInterval): number | null {
  return low === null || high === null ? null : (high - low) / 2;
}

/** Whether zero lies outside; an interval that is none excludes nothing. */
export function excludesZero({ low, high }: MeanInterval): boolean {
  return low !== null && high !== null && (low > 0 || high < 0);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function squaresAround(mean: number, values: readonly number[]): number {
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
