import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { hashOf } from './hash.js';

/**
 * Seeded randomness. `fork` gives an independent stream that depends on the seed and the labels alone, never on
 * how much was drawn before: so `rng.fork('epoch', 3)` is the same in a resumed run.
 */
export interface Rng {
  /** In [0, 1). */
  uniform(): number;
  /** A whole number in [low, high], both included. */
  integer(low: number, high: number): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** A new array with the items in random order (Fisher–Yates). */
  shuffled<T>(items: Iterable<T>): T[];
  fork(...labels: readonly (string | number)[]): Rng;
}

/** @param seed any whole number; equal seeds give equal streams on every platform. */
export function createRng(seed: number): Rng {
  return rngAt([seed]);
}

function rngAt(path: readonly (string | number)[]): Rng {
  const generator = xoroshiro128plus(Number.parseInt(hashOf(path).slice(0, 8), 16) | 0);
  const uniform = (): number => uniformFloat64(generator);
  const integer = (low: number, high: number): number => uniformInt(generator, low, high);
  return {
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffled(items) {
      const result = [...items];
      for (let last = result.length - 1; last > 0; last--) {
        const other = integer(0, last);
        [result[last], result[other]] = [result[other] as never, result[last] as never];
      }
      return result;
    },
    fork: (...labels) => rngAt([...path, ...labels]),
  };
}
