import * as assert from 'uvu/assert';

/** Fails unless two numbers differ by at most `tolerance`. */
export function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}

/** Fails unless all numbers differ by at most `tolerance` of the largest that is expected, or of 1. */
export function allNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.is(actual.length, expected.length, 'as many values');
  const difference = maxRelativeDifference(actual, expected);
  assert.ok(difference <= tolerance, `the largest difference is ${difference} of the largest value, more than ${tolerance}`);
}

/** The largest absolute difference, as a share of the largest expected value or of 1. A value that is no number differs infinitely. */
export function maxRelativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, largest] = [0, 1];
  for (let index = 0; index < expected.length; index++) {
    const [got, wanted] = [actual[index] ?? Number.NaN, expected[index] ?? Number.NaN];
    difference = Math.max(difference, Number.isNaN(got - wanted) ? Number.POSITIVE_INFINITY : Math.abs(got - wanted));
    largest = Math.max(largest, Math.abs(wanted));
  }
  return difference / largest;
}
