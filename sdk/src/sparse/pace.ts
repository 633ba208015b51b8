/** Whether the next call is shared among threads, learnt from those before it. */
export interface Pace {
  readonly shares: boolean;
  /** How long the call took, and how often in it another thread was not there when it was its turn. */
  note(ms: number, misses: number): void;
}

/** Misses of a call that make one doubt. */
const manyMisses = 3;
/** Calls in a row that do: threads that have slept are late for the first one. */
const doubtfulCalls = 3;
/** Calls for which a decision holds. */
const term = 60;

/**
 * On a machine that is busy with other things, threads may have to take turns on one core, and sharing makes a call slower than doing it alone. Where
 * others are often missing, a call is made alone to compare; the faster way is kept for a while, and then sharing is tried again.
 */
export function createPace(): Pace {
  let mode: 'sharing' | 'comparing' | 'alone' = 'sharing';
  let [left, doubts, sharedMs] = [0, 0, 0];
  return {
    get shares() {
      return mode === 'sharing';
    },
    note(ms, misses) {
      if (mode === 'comparing') {
        mode = ms < sharedMs ? 'alone' : 'sharing';
        left = term;
        doubts = 0;
      } else if (left > 0) {
        left--;
        if (left === 0) mode = 'sharing';
      } else {
        doubts = misses > manyMisses ? doubts + 1 : 0;
        sharedMs = ms;
        if (doubts === doubtfulCalls) mode = 'comparing';
      }
    },
  };
}
