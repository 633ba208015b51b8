import type { RunEvent } from '@precrop/sdk/core/events';

export interface TaskOptions {
  readonly title: string;
  /** Of the whole training, where the task trains. */
  readonly epochs?: number | undefined;
  /** Trains several networks, one after the other: each phase is the name of the next, and stays in sight. */
  readonly isSeries?: boolean | undefined;
}

/** One live line. After it has ended, further calls do nothing. */
export interface ProgressTask {
  update(event: RunEvent): void;
  /** Ends well, with words that stay; without them with the last line. */
  succeed(text?: string): void;
  /** Ends early, with words that stay. */
  fail(text?: string): void;
}

/** One way to show tasks. */
export interface TaskRenderer {
  /** Shows tasks one below the other, once those of an earlier call have ended. */
  start(tasks: readonly TaskOptions[]): readonly ProgressTask[];
  /** A line that stays. */
  say(text: string): void;
  /** Tells at once, in the lines of the tasks that have not ended. */
  tell(text: string): void;
  /** Ends what is still shown, as it stands, and waits until it is drawn. */
  close(): Promise<void>;
}
