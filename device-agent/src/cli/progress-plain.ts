import type { RunEvent } from '@precrop/sdk/core/events';
import { advance, createProgressState, toMilestone } from './progress-state.js';
import type { ProgressTask, TaskOptions, TaskRenderer } from './progress-task.js';

/** A line for each milestone: for logs, pipes and CI. */
export function createPlainRenderer(write: (line: string) => void, clock: () => number): TaskRenderer {
  return {
    start: (tasks) => tasks.map((options) => createTask(options, write, clock)),
    say: write,
    tell: write,
    close: async () => {},
  };
}

function createTask({ title, epochs, isSeries }: TaskOptions, write: (line: string) => void, clock: () => number): ProgressTask {
  let state = createProgressState(epochs, isSeries);
  let ended = false;
  const end = (mark: string, text: string | undefined): void => {
    if (!ended && text !== undefined) write(`${mark} ${title}: ${text}`);
    ended = true;
  };
  return {
    update(event: RunEvent) {
      if (ended) return;
      if (event.type === 'warning') return write(`! ${event.message}`);
      const before = state;
      state = advance(state, event, clock());
      const milestone = toMilestone(before, state, event);
      if (milestone !== undefined) write(`  ${title}: ${milestone}`);
    },
    succeed: (text) => end('✓', text),
    fail: (text) => end('✗', text),
  };
}
