import { CancelledError } from './errors.js';
import type { RunEvent } from './events.js';
import { createRng, type Rng } from './rng.js';

/** Passed down every long operation: how it is cancelled, what it tells, which clock and randomness it uses. */
export interface RunContext {
  readonly signal: AbortSignal;
  readonly emit: (event: RunEvent) => void;
  /** Monotonic time in milliseconds. */
  readonly clock: () => number;
  readonly rng: Rng;
}

export interface RunContextOptions {
  readonly signal?: AbortSignal;
  readonly emit?: (event: RunEvent) => void;
  readonly clock?: () => number;
  readonly seed?: number;
}

/** A context with silent, uncancelled, seed 0 defaults. */
export function createContext(options: RunContextOptions = {}): RunContext {
  return {
    signal: options.signal ?? new AbortController().signal,
    emit: options.emit ?? (() => {}),
    clock: options.clock ?? (() => performance.now()),
    rng: createRng(options.seed ?? 0),
  };
}

/** Throws CancelledError once the context's signal is aborted: call it between steps of long work. */
export function throwIfCancelled(context: RunContext): void {
  if (context.signal.aborted) {
    throw new CancelledError(typeof context.signal.reason === 'string' ? context.signal.reason : undefined);
  }
}
