import { selectBackend } from '@precrop/sdk/backends/registry';
import type { EpochRecord } from '@precrop/sdk/core/events';
import { type MaskReport, reportMasks } from '@precrop/sdk/mask/report-masks';
import { createTrainer } from '@precrop/sdk/train/trainer';
import { measureResidentMemory } from '../measure/peak-rss.js';
import type { RunFolder } from '../store/run-folder.js';
import type { CreateService } from '../worker/service.js';
import { loadChosenDataset } from './dataset-choice.js';
import { loadInitialWeights } from './initial-weights.js';
import { loadKeptMasks } from './kept-masks.js';
import { chooseMasks, redrawWeights } from './mask-choice.js';
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
  /** What the masks leave, where there are masks. */
  readonly mask?: MaskReport | undefined;
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
  const { mask, initial } = description;
  const { seed } = recipe;
  const masks =
    mask &&
    ((await loadKeptMasks(architecture, folder)) ?? (await chooseMasks(mask, { architecture, dataset, backend, seed }, context)).masks);
  const redrawn = mask?.redraw ? redrawWeights(architecture, mask, seed) : undefined;
  const weights = initial ? await loadInitialWeights(initial.weightsHash, folder, source) : redrawn;
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
  const report = masks && reportMasks(architecture, masks);
  const baselineRssBytes = measureResidentMemory().rssBytes;
  return {
    methods: {
      status: async () => ({
        records: trainer.records,
        finished: trainer.finished,
        baselineRssBytes,
        mask: report,
      }),
      trainEpoch: trainer.trainEpoch,
    },
    close: trainer.close,
  };
};
