import type { RunContext } from '@precrop/sdk/core/context';
import type { JsonDocument } from '../protocol/json-document.js';
import type { Progress } from './progress.js';

/** What a command works with. */
export interface Session {
  /** Its signal is aborted by Ctrl-C; its events are shown where they are warnings. */
  readonly context: RunContext;
  readonly progress: Progress;
  /** Columns of the terminal that stdout is; infinite where it is none. */
  readonly width: number;
  readonly startedAt: Date;
}

/** The document of a command, before it gets its frame. */
export type DocumentBody = Omit<JsonDocument<unknown>, 'schemaVersion' | 'command'>;

/** What a command comes to: words for a person, or a document for a program. Only one of them is asked for. */
export interface Outcome {
  text(): string;
  document(): DocumentBody | Promise<DocumentBody>;
}

/** A command whose arguments and options are checked. */
export type Action = (session: Session) => Promise<Outcome>;
