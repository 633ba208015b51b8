import { formatMs } from '@precrop/sdk/core/units';
import { quantile } from '../measure/statistics.js';
import type { Trial } from '../report/compare/comparison.js';
import type { Contender } from './contender.js';

/** A way to run a network's inference. */
export interface Way {
  /** A name of the runtimes' registry. */
  readonly runtime: string;
  /** Whether the file stores mostly empty kernels as what is left of them. */
  readonly sparse: boolean;
}

/** `tflite/sparse`: the runtime, and whether its file is a sparse one. */
export function nameWay({ runtime, sparse }: Way): string {
  return sparse ? `${runtime}/sparse` : runtime;
}

/** Runtimes that skip zeros by themselves, from a dense file. */
const skipsZeros: readonly string[] = ['sparse-wasm'];
/** Runtimes whose format can store what is left alone, and which have kernels for it. */
const readsSparse: readonly string[] = ['tflite'];

/**
 * What is tried for a network. A dense one: every runtime, the sparse engine too, which runs any network. A sparse one: every sparse runtime, and of
 * the dense ones that in which the original is fastest at this batch: its kernels multiply by zeros as by anything else, so they rank alike.
 */
export function findWays(kind: Contender['kind'], usable: readonly string[], fastestDense: string | undefined): readonly Way[] {
  const plain = usable.map((runtime): Way => ({ runtime, sparse: false }));
  if (kind !== 'sparse') return plain;
  const dense = plain.filter(({ runtime }) => !skipsZeros.includes(runtime));
  return [
    ...plain.filter(({ runtime }) => skipsZeros.includes(runtime)),
    ...usable.filter((runtime) => readsSparse.includes(runtime)).map((runtime): Way => ({ runtime, sparse: true })),
    ...dense.filter(({ runtime }) => fastestDense === undefined || runtime === fastestDense),
  ];
}

/** Of a dense network's trials the runtime with the least time, those that skip zeros left out. */
export function findFastestDense(trials: readonly Pick<Trial, 'runtime' | 'medianMs'>[]): string | undefined {
  return trials
    .filter(({ runtime, medianMs }) => medianMs !== null && !skipsZeros.includes(runtime))
    .toSorted((a, b) => (a.medianMs ?? 0) - (b.medianMs ?? 0))[0]?.runtime;
}

const mostFinalists = 2;
/** One that took so much longer in the trial is no finalist. */
const closeEnough = 1.5;

/**
 * Places of the best two of several lists of samples, the better one first; of one alone where the second is far behind. Ranked by the lower
 * quartile: what else a machine does can only make samples longer.
 */
export function pickFinalists(samples: readonly (readonly number[])[]): readonly number[] {
  const ranked = samples.map((each, place) => ({ place, ms: quantile(each, 0.25) })).toSorted((a, b) => a.ms - b.ms);
  const leastMs = ranked[0]?.ms ?? 0;
  return ranked
    .slice(0, mostFinalists)
    .filter(({ ms }) => ms <= closeEnough * leastMs)
    .map(({ place }) => place);
}

/** A way that is so many times slower than the fastest is not tried again. */
const farTooSlow = 10;

/**
 * Runtimes that took far longer than the fastest, on any number of threads, each with a sentence: at the same batch others need not be tried in
 * them.
 */
export function findFarTooSlow(trials: readonly Pick<Trial, 'runtime' | 'batch' | 'medianMs'>[], id: string): ReadonlyMap<string, string> {
  const leastMs = Math.min(...trials.map(({ medianMs }) => medianMs ?? Number.POSITIVE_INFINITY));
  return new Map(
    [...new Set(trials.map(({ runtime }) => runtime))].flatMap((runtime): [string, string][] => {
      const own = trials.filter((each) => each.runtime === runtime);
      const bestMs = Math.min(...own.map(({ medianMs }) => medianMs ?? Number.POSITIVE_INFINITY));
      if (!Number.isFinite(bestMs) || bestMs <= farTooSlow * leastMs) return [];
      const times = (bestMs / leastMs).toFixed(0);
      const words = `${formatMs(bestMs)} for ${id} at batch ${own[0]?.batch}, ${times} times as long as the fastest runtime`;
      return [[runtime, `It took ${words}, and was not tried again at this batch.`]];
    }),
  );
}

/** Threads that each way is tried on: all, and one, as small networks often run faster on one. */
export function listThreads(cores: number): readonly number[] {
  return cores === 1 ? [1] : [cores, 1];
}
