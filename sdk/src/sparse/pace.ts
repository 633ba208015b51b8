/** Whether the next call is shared among threads, learnt from those before it. */
export interface Pace {
  readonly shares: boolean;
  /** How long the call took. */
  note(ms: number): void;
}

interface Trial {
  readonly shares: boolean;
  readonly calls: number;
}

/** Threads that have slept are late for the first calls: the fastest of a trial counts. */
const sharedTrial: Trial = { shares: true, calls: 6 };
const aloneTrial: Trial = { shares: false, calls: 3 };
/** Calls for which an answer holds. Asking again costs more where threads help. */
const sharedTerm: Trial = { shares: true, calls: 400 };
const aloneTerm: Trial = { shares: false, calls: 100 };

/**
 * Sharing one image among threads can be slower than doing it alone: where they have to take turns on one core of a busy machine, where the cores are far
 * from each other, or where calls come so seldom that threads sleep between them. So both are tried, and the faster one is kept for a while.
 */
export function createPace(): Pace {
  let now = sharedTrial;
  let [calls, fastest, sharedMs] = [0, Number.POSITIVE_INFINITY, 0];
  return {
    get shares() {
      return now.shares;
    },
    note(ms) {
      fastest = Math.min(fastest, ms);
      calls++;
      if (calls < now.calls) return;
      if (now === sharedTrial) sharedMs = fastest;
      now = follow(now, fastest);
      calls = 0;
      fastest = Number.POSITIVE_INFINITY;
    },
  };

  function follow(ended: Trial, aloneMs: number): Trial {
    if (ended === sharedTrial) return aloneTrial;
    if (ended === aloneTrial) return aloneMs < sharedMs ? aloneTerm : sharedTerm;
    return sharedTrial;
  }
}
