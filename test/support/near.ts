import * as assert from 'uvu/assert';

/** Fails unless two numbers differ by at most `tolerance`. */
export function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}
