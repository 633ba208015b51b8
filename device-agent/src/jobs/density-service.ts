import { selectBackend } from '@precrop/sdk/backends/registry';
import type { LayerDensities } from '@precrop/sdk/density/layer-densities';
import type { MaskReport } from '@precrop/sdk/mask/report-masks';
import { needsData } from '@precrop/sdk/saliency/find-masks';
import type { CreateService } from '../worker/service.js';
import { loadChosenDataset } from './dataset-choice.js';
import { chooseMasks, type MaskChoice } from './mask-choice.js';
import type { DatasetChoice, TrainingDescription } from './training-description.js';

/** What is scored, and how: of a training description all but how to train. */
export interface DensityRequest extends Pick<TrainingDescription, 'architecture' | 'backend'> {
  readonly mask: MaskChoice;
  readonly seed: number;
  /** Loaded for criteria that look at images, and for no others. */
  readonly dataset?: DatasetChoice | undefined;
}

export interface DensityMethods {
  /** Share of each layer's weights that the criterion keeps. */
  densities(): Promise<LayerDensities>;
  /** What its masks leave of the network. */
  report(): Promise<MaskReport>;
}

/** Scores a network in a process of its own. */
export const createDensityService: CreateService<DensityRequest, DensityMethods> = async (request, context) => {
  async function score(): Promise<MaskReport> {
    const { mask, dataset } = request;
    const images = dataset && needsData(mask.source) ? await loadChosenDataset(dataset, context) : undefined;
    const { backend } = await selectBackend(request.backend);
    return (await chooseMasks(mask, { ...request, dataset: images, backend }, context)).report;
  }
  return { methods: { densities: async () => (await score()).densities, report: score } };
};
