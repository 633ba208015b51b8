import { CancelledError } from '@precrop/sdk/core/errors';
import type { RunEvent } from '@precrop/sdk/core/events';
import type { DemoContexts } from '../jobs/demo.js';
import type { Session } from './command-line.js';
import type { ProgressTask } from './progress-task.js';

/** How the demo is shown: first its images, then both contenders one below the other, then the timing. */
export function showDemo(
  epochs: number,
  { progress, context }: Session,
): { run<T>(work: (contexts: DemoContexts) => Promise<T>): Promise<T> } {
  let general: ProgressTask | undefined = progress.start([{ title: 'Images' }])[0];
  let contenders: readonly ProgressTask[] | undefined;

  const begin = (): readonly ProgressTask[] => {
    general?.succeed();
    general = undefined;
    contenders ??= progress.start([
      { title: 'original', epochs },
      { title: 'crop', epochs },
    ]);
    return contenders;
  };
  const train = (index: 0 | 1) => (event: RunEvent) => {
    const task = begin()[index];
    task?.update(event);
    if (event.type === 'epoch' && event.record.epoch + 1 === epochs) task?.succeed();
  };
  // The timing ends what came before: the training, or the images where both trainings were done by an earlier launch.
  let timing: ProgressTask | undefined;
  const emit = (event: RunEvent): void => {
    if (event.type === 'phase' && event.name === 'timing' && !timing) {
      for (const task of [general, ...(contenders ?? [])]) task?.succeed();
      timing = progress.start([{ title: 'Timing both' }])[0];
      general = timing;
    }
    general?.update(event);
  };

  return {
    async run(work) {
      try {
        const result = await work({
          general: { ...context, emit },
          original: { ...context, emit: train(0) },
          crop: { ...context, emit: train(1) },
        });
        general?.succeed('done');
        return result;
      } catch (error) {
        for (const task of [general, ...(contenders ?? [])]) task?.fail();
        if (!contenders || !context.signal.aborted) throw error;
        throw new CancelledError(
          'Stopped. Give the same command again to go on with both, or precrop train --resume to finish the one that was training.',
          { cause: error },
        );
      } finally {
        await progress.close();
      }
    },
  };
}
