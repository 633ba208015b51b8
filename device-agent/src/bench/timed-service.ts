import { setImmediate } from 'node:timers/promises';
import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import type { Service } from '../worker/service.js';

/** A contender in its own process: something that is done again and again, and timed each time. */
export interface TimedMethods {
  /** Milliseconds of each of `count` repetitions, in order. */
  time(params: { readonly count: number }): Promise<readonly number[]>;
  /** Of the libraries that do the work. */
  versions(): Promise<Readonly<Record<string, string>>>;
}

/** What is timed: one batch of a network. */
export interface StepInput {
  readonly architecture: Architecture;
  readonly batch: number;
  /** The backend that runs it: never `auto`. */
  readonly backend: string;
  /** Whether all prunable weights have masks: which zeros they hold changes nothing of a step's time. */
  readonly masked?: boolean | undefined;
}

/** What is timed: inference of one batch of a network. */
export interface TimedInferenceInput {
  readonly architecture: Architecture;
  readonly batch: number;
  /** A name of the runtimes' registry: never `auto`. */
  readonly runtime: string;
  readonly threads: number;
}

export interface TimedInferenceMethods extends TimedMethods {
  /** As used, not as asked for. */
  threads(): Promise<number>;
}

interface Timed {
  readonly repeat: () => Promise<unknown>;
  readonly versions: Readonly<Record<string, string>>;
  readonly dispose: () => void | Promise<void>;
}

/** A service that times `repeat`. The event loop turns between repetitions, so that a cancellation is heard. */
export function createTimedService({ repeat, versions, dispose }: Timed, context: RunContext): Service<TimedMethods> {
  return {
    methods: {
      versions: async () => versions,
      async time({ count }) {
        const samples: number[] = [];
        while (samples.length < count) {
          await setImmediate();
          throwIfCancelled(context);
          const start = context.clock();
          await repeat();
          samples.push(context.clock() - start);
        }
        return samples;
      },
    },
    close: async () => dispose(),
  };
}
