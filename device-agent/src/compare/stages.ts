import type { RunContext } from '@precrop/sdk/core/context';

export interface Stage {
  readonly title: string;
  /** Of a training. */
  readonly epochs?: number;
}

/** How long work of several parts shows them, one after the other. */
export interface Stages {
  readonly context: RunContext;
  /** Runs a part; the events of its context are shown under the title, and `done` is what is left to read. */
  run<T>(stage: Stage, work: (context: RunContext) => Promise<T>, done?: (result: T) => string): Promise<T>;
}
