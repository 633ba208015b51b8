/**
 * Half width of a Student t interval in standard errors: |T| stays below it with probability `confidence`. The distribution has a finite
 * closed form for whole degrees of freedom (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4), exact at 2 as at 200, so that no series is cut
 * off and no library is needed; it is inverted by bisection. At 0 degrees of freedom it is infinite: one sample says nothing of its spread.
 * @throws RangeError for degrees of freedom that are not whole, or a confidence outside (0, 1).
 */
export function studentT(confidence: number, degreesOfFreedom: number): number {
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`The confidence is ${confidence}, but must lie between 0 and 1.`);
  if (!Number.isInteger(degreesOfFreedom) || degreesOfFreedom < 0) {
    throw new RangeError(`There are ${degreesOfFreedom} degrees of freedom, but the number must be whole and at least 0.`);
  }
  if (degreesOfFreedom === 0) return Number.POSITIVE_INFINITY;
  let [low, high] = [0, Math.PI / 2];
  for (let middle = high / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (centralProbability(middle, degreesOfFreedom) < confidence) low = middle;
    else high = middle;
  }
  return Math.sqrt(degreesOfFreedom) * Math.tan(low);
}

/** P(|T| < √df · tan θ). */
function centralProbability(theta: number, degreesOfFreedom: number): number {
  const [sine, cosine] = [Math.sin(theta), Math.cos(theta)];
  const isOdd = degreesOfFreedom % 2 === 1;
  // Odd: cos θ (1 + 2/3 cos² θ + 2·4/(3·5) cos⁴ θ + …), even: 1 + 1/2 cos² θ + 1·3/(2·4) cos⁴ θ + …, both up to the power df − 2.
  let term = isOdd ? cosine : 1;
  let sum = degreesOfFreedom === 1 ? 0 : term;
  for (let power = isOdd ? 3 : 2; power <= degreesOfFreedom - 2; power += 2) {
    term *= ((power - 1) / power) * cosine * cosine;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (theta + sine * sum) : sine * sum;
}
