import { selectBackend } from '@precrop/sdk/backends/registry';
import type { EpochRecord } from '@precrop/sdk/core/events';
import type { LayerDensities } from '@precrop/sdk/density/layer-densities';
import { toLayerDensities } from '@precrop/sdk/mask/masks';
import { createTrainer } from '@precrop/sdk/train/trainer';
import { measureResidentMemory } from '../measure/peak-rss.js';
import type { RunFolder } from '../store/run-folder.js';
import type { CreateService } from '../worker/service.js';
import { loadChosenDataset } from './dataset-choice.js';
import { loadInitialWeights } from './initial-weights.js';
import { chooseMasks } from './mask-choice.js';
import type { ModelSource } from './model-source.js';
import type { TrainingDescription } from './training-description.js';

export interface TrainingInput {
  readonly description: TrainingDescription;
  readonly folder: RunFolder;
  /** Where the description's `initial` is, at the first launch. */
  readonly source?: ModelSource | undefined;
}

export interface TrainingStatus {
  readonly records: readonly EpochRecord[];
  readonly finished: boolean;
  /** Resident memory when all was ready and no step had been done yet. */
  readonly baselineRssBytes: number;
  /** Share of each layer's weights that the masks keep, where there are masks. */
  readonly densities?: LayerDensities | undefined;
}

export interface TrainingMethods {
  status(): Promise<TrainingStatus>;
  trainEpoch(): Promise<EpochRecord>;
}

/** Trains in a process of its own, an epoch a call. */
export const createTrainingService: CreateService<TrainingInput, TrainingMethods> = async ({ description, folder, source }, context) => {
  const { architecture, recipe } = description;
  const dataset = await loadChosenDataset(description.dataset, context);
  const { backend } = await selectBackend(description.backend);
  const network = { architecture, dataset, backend, seed: recipe.seed };
  const { masks, weights: redrawn } = description.mask ? await chooseMasks(description.mask, network, context) : {};
  const weights = description.initial ? await loadInitialWeights(description.initial.weightsHash, folder, source) : redrawn;
  const { checkpoint } = folder;
  const trainer = await createTrainer({
    architecture,
    recipe,
    dataset,
    backend,
    context,
    checkpoint,
    masks,
    ...(weights ? { weights } : {}),
  });
  const baselineRssBytes = measureResidentMemory().rssBytes;
  return {
    methods: {
      status: async () => ({
        records: trainer.records,
        finished: trainer.finished,
        baselineRssBytes,
        densities: masks && toLayerDensities(masks),
      }),
      trainEpoch: trainer.trainEpoch,
    },
    close: trainer.close,
  };
};
