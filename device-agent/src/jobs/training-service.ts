import { selectBackend } from '@precrop/sdk/backends/registry';
import type { EpochRecord } from '@precrop/sdk/core/events';
import { createTrainer } from '@precrop/sdk/train/trainer';
import { measureResidentMemory } from '../measure/peak-rss.js';
import type { CreateService } from '../worker/service.js';
import { loadChosenDataset } from './dataset-choice.js';
import type { TrainingDescription } from './training-description.js';

export interface TrainingInput {
  readonly description: TrainingDescription;
  readonly checkpoint: string;
}

export interface TrainingStatus {
  readonly records: readonly EpochRecord[];
  readonly finished: boolean;
  /** Resident memory when all was ready and no step had been done yet. */
  readonly baselineRssBytes: number;
}

export interface TrainingMethods {
  status(): Promise<TrainingStatus>;
  trainEpoch(): Promise<EpochRecord>;
}

/** Trains in a process of its own, an epoch a call. */
export const createTrainingService: CreateService<TrainingInput, TrainingMethods> = async ({ description, checkpoint }, context) => {
  const { architecture, recipe } = description;
  const dataset = await loadChosenDataset(description.dataset, context);
  const { backend } = await selectBackend(description.backend);
  const trainer = await createTrainer({ architecture, recipe, dataset, backend, context, checkpoint });
  const baselineRssBytes = measureResidentMemory().rssBytes;
  return {
    methods: {
      status: async () => ({ records: trainer.records, finished: trainer.finished, baselineRssBytes }),
      trainEpoch: trainer.trainEpoch,
    },
    close: trainer.close,
  };
};
