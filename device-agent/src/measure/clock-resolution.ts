/** The smallest step that the clock was seen to make, in its unit. */
export function measureClockResolution(clock: () => number, steps = 20): number {
  let smallest = Number.POSITIVE_INFINITY;
  let last = clock();
  for (let seen = 0; seen < steps; ) {
    const now = clock();
    if (now === last) continue;
    smallest = Math.min(smallest, now - last);
    last = now;
    seen++;
  }
  return smallest;
}
