/** Keeps the compiler from leaving out work whose result nobody sees. */
const results = { last: 0 };
const [factor, summand] = [0.999, 0.1];

/**
 * Twelve chains of multiplications and additions that do not wait for one another: they fill a core's units for floating point, so that two
 * threads that share a core take twice as long. One chain would not tell.
 */
export function doWideWork(steps: number): void {
  let [a, b, c, d, e, f] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
  let [g, h, i, j, k, l] = [0.7, 0.8, 0.9, 1, 1.1, 1.2];
  for (let step = 0; step < steps; step++) {
    a = a * factor + summand;
    b = b * factor + summand;
    c = c * factor + summand;
    d = d * factor + summand;
    e = e * factor + summand;
    f = f * factor + summand;
    g = g * factor + summand;
    h = h * factor + summand;
    i = i * factor + summand;
    j = j * factor + summand;
    k = k * factor + summand;
    l = l * factor + summand;
  }
  results.last = a + b + c + d + e + f + g + h + i + j + k + l;
}
