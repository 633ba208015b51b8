import * as assert from 'uvu/assert';

/** Largest difference, relative to the largest expected magnitude (to 1 where all is zero). */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.is(actual.length, expected.length, `${actual.length} values came, ${expected.length} were expected`);
  let [difference, magnitude] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    const [a, b] = [actual[index] as number, expected[index] as number];
    if (!Number.isFinite(a)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(a - b));
    magnitude = Math.max(magnitude, Math.abs(b));
  }
  return difference / (magnitude || 1);
}

/** Fails with a sentence unless the two agree within the tolerance, relative to the largest expected magnitude. */
export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  const difference = relativeDifference(actual, expected);
  assert.ok(difference <= tolerance, `${what} differs by ${difference.toExponential(2)} relative; allowed is ${tolerance}`);
}

/** Sum of products, in double precision. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number);
  return sum;
}

/** Euclidean norm. */
export function norm(a: ArrayLike<number>): number {
  return Math.sqrt(dot(a, a));
}
