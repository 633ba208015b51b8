import type { RunContext } from '@precrop/sdk/core/context';
import type { EpochRecord } from '@precrop/sdk/core/events';
import { openRunFolder, type RunFolder, saveResult } from '../store/run-folder.js';
import { startWorker } from '../worker/start-worker.js';
import type { TrainingDescription } from './training-description.js';

/** A run with its folder and its process. */
export interface TrainingRun {
  readonly folder: RunFolder;
  readonly description: TrainingDescription;
  /** Epochs that an earlier launch has done. */
  readonly resumed: number;
  /** Trains to the end of the recipe, an epoch at a time; `turn` is awaited before each. Saves and gives the result. */
  trainAll(turn?: () => Promise<void>): Promise<TrainingResult>;
  close(): Promise<void>;
}

export interface TrainingResult {
  readonly records: readonly EpochRecord[];
  readonly accuracy: number;
  readonly loss: number;
  readonly seconds: number;
  readonly baselineRssBytes: number;
  readonly peakRssBytes: number;
}

/** Starts a run, or goes on with it where an earlier launch of the same description stopped. */
export async function startTrainingRun(description: TrainingDescription, runsDirectory: string, context: RunContext): Promise<TrainingRun> {
  const folder = await openRunFolder(runsDirectory, description);
  const worker = await startWorker('train', { description, checkpoint: folder.checkpoint }, { context });
  const status = await worker.call('status');
  return {
    folder,
    description,
    resumed: status.records.length,
    async trainAll(turn = async () => {}) {
      for (let done = status.records.length; done < description.recipe.epochs; done++) {
        await turn();
        await worker.call('trainEpoch');
      }
      const { records } = await worker.call('status');
      const { peakRssBytes } = await worker.peakRss();
      const last = records.at(-1);
      const result: TrainingResult = {
        records,
        accuracy: last?.testAccuracy ?? 0,
        loss: last?.testLoss ?? 0,
        seconds: records.reduce((sum, { trainSeconds }) => sum + trainSeconds, 0),
        baselineRssBytes: status.baselineRssBytes,
        peakRssBytes,
      };
      await saveResult(folder, result);
      return result;
    },
    close: worker.close,
  };
}
