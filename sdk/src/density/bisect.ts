/** Range of every free parameter that is searched here; costs and densities are scaled to be near 1. */
const least = 1e-15;
const most = 1e15;
/** ln(1e30) / 2^60: an error below that of a double. */
const iterations = 60;

/** The largest positive number for which `holds` is true, by bisection of its logarithm. `holds` is true up to there and false beyond. */
export function bisectLog(holds: (value: number) => boolean): number {
  if (holds(most)) return most;
  let low = Math.log(least);
  let high = Math.log(most);
  for (let i = 0; i < iterations; i++) {
    const middle = (low + high) / 2;
    if (holds(Math.exp(middle))) low = middle;
    else high = middle;
  }
  return Math.exp(low);
}
