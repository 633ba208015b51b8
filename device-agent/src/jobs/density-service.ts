import { selectBackend } from '@precrop/sdk/backends/registry';
import type { LayerDensities } from '@precrop/sdk/density/layer-densities';
import { toLayerDensities } from '@precrop/sdk/mask/masks';
import type { CreateService } from '../worker/service.js';
import { loadChosenDataset } from './dataset-choice.js';
import { chooseMasks, type MaskChoice } from './mask-choice.js';
import type { TrainingDescription } from './training-description.js';

/** What is scored, and how: of a training description all but how to train. */
export interface DensityRequest extends Pick<TrainingDescription, 'architecture' | 'dataset' | 'backend'> {
  readonly mask: MaskChoice;
  readonly seed: number;
}

export interface DensityMethods {
  /** Share of each layer's weights that the criterion keeps. */
  densities(): Promise<LayerDensities>;
}

/** Scores a network in a process of its own. */
export const createDensityService: CreateService<DensityRequest, DensityMethods> = async (request, context) => ({
  methods: {
    async densities() {
      const dataset = await loadChosenDataset(request.dataset, context);
      const { backend } = await selectBackend(request.backend);
      const { masks } = await chooseMasks(request.mask, { ...request, dataset, backend }, context);
      return toLayerDensities(masks);
    },
  },
});
