import type { RunEvent } from '@precrop/sdk/core/events';
import { createPlainRenderer } from './progress-plain.js';
import type { TaskOptions, TaskRenderer } from './progress-task.js';
import { createTerminalRenderer } from './progress-terminal.js';

/** How a command shows what it does, always on stderr: stdout is the result's. */
export interface Progress extends TaskRenderer {
  /** Whether anything was shown yet. */
  readonly isUsed: boolean;
  /** Runs work as one task, which ends with what `done` says, or early where the work throws. */
  run<T>(options: TaskOptions, work: (emit: (event: RunEvent) => void) => Promise<T>, done?: (result: T) => string): Promise<T>;
}

/** Rewritten lines on a terminal, at most ten times a second; elsewhere a line for each milestone. */
export function createProgress(stream: NodeJS.WriteStream, clock: () => number = () => performance.now()): Progress {
  const renderer = stream.isTTY ? createTerminalRenderer(stream, clock) : createPlainRenderer((line) => stream.write(`${line}\n`), clock);
  let isUsed = false;
  const start: TaskRenderer['start'] = (tasks) => {
    isUsed = true;
    return renderer.start(tasks);
  };
  return {
    ...renderer,
    start,
    get isUsed() {
      return isUsed;
    },
    async run(options, work, done) {
      const [task] = start([options]);
      try {
        const result = await work((event) => task?.update(event));
        task?.succeed(done?.(result));
        return result;
      } catch (error) {
        task?.fail();
        throw error;
      } finally {
        await renderer.close();
      }
    },
  };
}
