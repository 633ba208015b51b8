/**
 * How fast the processor runs, told by no sensor but by a fixed piece of work: it takes longer where the clock rate is lowered for heat, a power
 * limit or a saver, and where someone else has the core.
 */
export interface SpeedWatch {
  /** Does the work once more, which takes some 10 ms, unless that was just done. */
  readonly probe: () => void;
  /** By how much the rate of late lies below the best one, as a fraction of the best. */
  readonly slowdown: () => number;
  /** Takes the rate of late for the best from now on: one that a device cannot return to is not waited for again and again. */
  readonly settle: () => void;
}

export interface SpeedWatchOptions {
  /** Least time between two probes, ms. */
  readonly everyMs?: number;
  /** Takes one time of the fixed work, ms. */
  readonly time?: () => number;
}

/** A lower rate counts when so many probes in a row saw it. */
const lasting = 3;

export function createSpeedWatch(clock: () => number, options: SpeedWatchOptions = {}): SpeedWatch {
  const { everyMs = 1000, time = () => timeCpuWork(clock) } = options;
  let probedAtMs: number | undefined;
  let bestMs = Number.POSITIVE_INFINITY;
  let recentMs: readonly number[] = [];
  return {
    probe() {
      // a clock that ran backwards does not end the probing
      if (probedAtMs !== undefined && Math.abs(clock() - probedAtMs) < everyMs) return;
      const probeMs = time();
      probedAtMs = clock();
      if (!(probeMs > 0)) return;
      bestMs = Math.min(bestMs, probeMs);
      recentMs = [...recentMs, probeMs].slice(-lasting);
    },
    slowdown: () => toSlowdown(bestMs, recentMs),
    settle() {
      bestMs = Math.min(...recentMs);
    },
  };
}

/** The fixed work as something that is timed again and again, as a network is. */
export function repeatCpuWork(clock: () => number): (count: number) => Promise<readonly number[]> {
  return async (count) => Array.from({ length: count }, () => timeCpuWork(clock));
}

/** What the fastest of the last probes lost against the best of all; 0 before there are enough. */
export function toSlowdown(bestMs: number, recentMs: readonly number[]): number {
  return recentMs.length < lasting ? 0 : Math.max(0, 1 - bestMs / Math.min(...recentMs));
}

/** Time of the fixed work, ms: once it is no faster than before, so that a core that slept has woken up and a short interruption counts for nothing. */
export function timeCpuWork(clock: () => number, work: () => number = doFixedWork): number {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let times = 0; times < mostRepetitions; times++) {
    const start = clock();
    results.last = work();
    const ms = clock() - start;
    const isFaster = ms < 0.97 * fastestMs;
    fastestMs = Math.min(fastestMs, ms);
    if (times + 1 >= leastRepetitions && !isFaster) break;
  }
  return fastestMs;
}

/** Keeps the compiler from leaving out work whose result nobody sees. */
const results = { last: 0 };
const leastRepetitions = 3;
const mostRepetitions = 8;

/** One chain of integer and one of floating-point operations, each waiting for the one before: the time hangs on the clock rate, not on memory. */
function doFixedWork(): number {
  let integer = 1;
  let float = 0.4;
  for (let step = 0; step < 1_500_000; step++) {
    integer = (Math.imul(integer, 1664525) + 1013904223) | 0; // Numerical Recipes' generator
    float = 3.7 * float * (1 - float); // the logistic map stays within (0, 1)
  }
  return integer + float;
}
