import { setImmediate } from 'node:timers/promises';
import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import { UsageError } from '@precrop/sdk/core/errors';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import type { Service } from '../worker/service.js';

export interface NetworkRequest {
  readonly architecture: Architecture;
  readonly batch: number;
}

/** What an engine says of itself. */
export interface EngineState {
  readonly status: 'ready' | 'limited';
  /** "ONNX Runtime 1.30.0". */
  readonly version: string;
  /** What it computes on, in its own words. */
  readonly device: string;
}

/** An engine in a process of its own, through which one network after the other goes. */
export interface NetworkTimerMethods {
  state(): Promise<EngineState>;
  /** Makes a network ready to be timed, instead of the one before. Gives what that took, and the threads that are used. */
  open(request: NetworkRequest): Promise<{ readonly openMs: number; readonly threads: number }>;
  /**
   * Milliseconds of each of `count` repetitions, in order. Before them it repeats for `leadMs` without timing: where another process had the cores,
   * they find this one's threads asleep and caches full of other things.
   */
  time(params: { readonly count: number; readonly leadMs?: number }): Promise<readonly number[]>;
}

/** A network that is ready. */
export interface OpenNetwork {
  readonly threads: number;
  readonly repeat: () => Promise<unknown>;
  readonly dispose: () => void | Promise<void>;
}

/** The first allocates and compiles; whoever times warms up as well. */
const firstRepetitions = 1;

/** A service that holds one network at a time. The event loop turns between repetitions, so that a cancellation is heard. */
export function createNetworkTimer(
  state: EngineState,
  open: (request: NetworkRequest) => Promise<OpenNetwork>,
  context: RunContext,
): Service<NetworkTimerMethods> {
  let current: OpenNetwork | undefined;
  const shut = async (): Promise<void> => {
    const last = current;
    current = undefined;
    await last?.dispose();
  };
  return {
    methods: {
      state: async () => state,
      async open(request) {
        await shut();
        const start = context.clock();
        current = await open(request);
        for (let time = 0; time < firstRepetitions; time++) await current.repeat();
        return { openMs: context.clock() - start, threads: current.threads };
      },
      async time({ count, leadMs = 0 }) {
        if (!current) throw new UsageError('No network is open: call "open" before "time".');
        const { repeat } = current;
        const samples: number[] = [];
        for (let leftMs = leadMs; samples.length < count; ) {
          await setImmediate();
          throwIfCancelled(context);
          const start = context.clock();
          await repeat();
          const ms = context.clock() - start;
          if (ms < leftMs) leftMs -= ms;
          else {
            leftMs = 0;
            samples.push(ms);
          }
        }
        return samples;
      },
    },
    close: shut,
  };
}
