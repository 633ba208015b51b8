import type { RunContext } from '@precrop/sdk/core/context';
import type { EpochRecord } from '@precrop/sdk/core/events';
import { openRunFolder, type RunFolder, readResult, saveResult } from '../store/run-folder.js';
import { startWorker } from '../worker/start-worker.js';
import type { ModelSource } from './model-source.js';
import type { TrainingDescription } from './training-description.js';

/** A run with its folder and its process. */
export interface TrainingRun {
  readonly folder: RunFolder;
  readonly description: TrainingDescription;
  /** Epochs that earlier launches have done. */
  readonly resumed: number;
  /** Trains the next epoch. */
  trainEpoch(): Promise<EpochRecord>;
  /** Saves and gives the result, once all epochs are done. */
  finish(): Promise<TrainingResult>;
  /** Trains all epochs that are left, and finishes. */
  trainAll(): Promise<TrainingResult>;
  close(): Promise<void>;
}

export interface TrainingResult {
  readonly records: readonly EpochRecord[];
  /** On the test images, after the last epoch. */
  readonly accuracy: number;
  readonly loss: number;
  /** Training alone, evaluation excluded. */
  readonly seconds: number;
  /** Resident memory of the process before the first step, and its highest. */
  readonly baselineRssBytes: number;
  readonly peakRssBytes: number;
  /** Share of each layer's weights that the masks kept, where there were masks. */
  readonly densities?: Readonly<Record<string, number>>;
  /** Share of all prunable weights that they kept and that lie on a path from the image to a logit. */
  readonly effectiveDensity?: number;
}

export interface TrainingRunOptions {
  /** Where the model is whose weights it begins with, if it does. */
  readonly source?: ModelSource | undefined;
  /** Threads of the backend; its own choice where left out. */
  readonly threads?: number | undefined;
}

/** Starts a run, or goes on with it where an earlier launch of the same description stopped. */
export async function startTrainingRun(
  description: TrainingDescription,
  runsDirectory: string,
  context: RunContext,
  { source, threads }: TrainingRunOptions = {},
): Promise<TrainingRun> {
  const folder = await openRunFolder(runsDirectory, description);
  const { epochs } = description.recipe;
  const earlier = (await readResult(folder)) as TrainingResult | undefined;
  if (earlier) return createFinishedRun(folder, description, earlier);

  const worker = await startWorker('train', { description, folder, source }, { context, ...(threads === undefined ? {} : { threads }) });
  const { records: resumed, baselineRssBytes, mask } = await worker.call('status');
  const trainEpoch = (): Promise<EpochRecord> => worker.call('trainEpoch');
  const finish = async (): Promise<TrainingResult> => {
    const { records } = await worker.call('status');
    const { peakRssBytes } = await worker.peakRss();
    const masked = mask && { densities: Object.fromEntries(mask.densities), effectiveDensity: mask.effectiveDensity };
    const result = { ...toResult(records, baselineRssBytes, peakRssBytes), ...masked };
    // Charts take a while to load: only where they are drawn.
    const { drawAccuracyByEpoch } = await import('../report/charts/accuracy-by-epoch.js');
    await saveResult(folder, result, drawAccuracyByEpoch(description.architecture.name, records, 720));
    return result;
  };
  return {
    folder,
    description,
    resumed: resumed.length,
    trainEpoch,
    finish,
    async trainAll() {
      for (let epoch = resumed.length; epoch < epochs; epoch++) await trainEpoch();
      return finish();
    },
    close: worker.close,
  };
}

function toResult(records: readonly EpochRecord[], baselineRssBytes: number, peakRssBytes: number): TrainingResult {
  const last = records.at(-1);
  return {
    records,
    accuracy: last?.testAccuracy ?? 0,
    loss: last?.testLoss ?? 0,
    seconds: records.reduce((sum, { trainSeconds }) => sum + trainSeconds, 0),
    baselineRssBytes,
    peakRssBytes,
  };
}

function createFinishedRun(folder: RunFolder, description: TrainingDescription, result: TrainingResult): TrainingRun {
  return {
    folder,
    description,
    resumed: description.recipe.epochs,
    trainEpoch: () => Promise.reject(new RangeError('All epochs of this run are done.')),
    finish: async () => result,
    trainAll: async () => result,
    close: async () => {},
  };
}
