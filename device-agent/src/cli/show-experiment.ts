import { CancelledError } from '@precrop/sdk/core/errors';
import type { RunEvent } from '@precrop/sdk/core/events';
import type { GranularityContexts } from '../experiment/run-granularity.js';
import type { Session } from './command-line.js';

/** How an experiment is shown: how many trainings are done, and below it a line for each that runs now. */
export function showExperiment(
  { epochs, jobs, folder }: { readonly epochs: number; readonly jobs: number; readonly folder: string },
  { progress, context }: Session,
): { run<T>(work: (contexts: GranularityContexts) => Promise<T>): Promise<T> } {
  const [general, ...trainings] = progress.start([
    { title: 'done' },
    ...Array.from({ length: jobs }, (_, job) => ({ title: jobs === 1 ? 'now' : `job ${job + 1}`, epochs, isSeries: true })),
  ]);
  let done = '';
  // Of the phases only the names of trainings: they stay in sight while images are loaded and weights are scored.
  const isShown = (event: RunEvent): boolean => event.type !== 'progress' && (event.type !== 'phase' || event.name === 'cell');
  const emit = (event: RunEvent): void => {
    if (event.type === 'progress') done = `${event.done} of ${event.total} trainings`;
    general?.update(event);
  };
  return {
    async run(work) {
      try {
        const result = await work({
          general: { ...context, emit },
          jobs: trainings.map((task) => ({ ...context, emit: (event) => isShown(event) && task.update(event) })),
        });
        for (const task of trainings) task.succeed('done');
        general?.succeed(done);
        return result;
      } catch (error) {
        for (const task of [general, ...trainings]) task?.fail();
        if (!context.signal.aborted || done === '') throw error;
        throw new CancelledError(
          `Stopped: ${done} are done and kept in ${folder}. Give the same command again to go on, from the last epoch of what was training; with --report-only it makes the report of what is there.`,
          { cause: error },
        );
      } finally {
        await progress.close();
      }
    },
  };
}
