import type { ErrorData } from '@precrop/sdk/core/errors';
import type { RunEvent } from '@precrop/sdk/core/events';

/** What the parent tells the worker. */
export type ParentMessage =
  /** The first: `service` is a name in `services`, or the URL of a module that exports `createService`. */
  | { readonly type: 'start'; readonly service: string; readonly input: unknown; readonly seed: number }
  | { readonly type: 'call'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly type: 'cancel'; readonly reason: string | undefined }
  | { readonly type: 'close' };

/** What the worker tells the parent. Answer 0 is the start's. */
export type WorkerMessage =
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorData }
  | { readonly type: 'event'; readonly event: RunEvent };

/** The answer to the start. */
export const startId = 0;

/** Methods that every worker has besides its service's. */
export const memoryMethod = '$memory';
export const restartMemoryMethod = '$restart-memory';
export const cpuTimeMethod = '$cpu-time';
