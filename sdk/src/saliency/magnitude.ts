import { findPrunableLayers } from '../density/layer-densities.js';
import { applyMasks, kernelName } from '../mask/masks.js';
import { type Criterion, oneShot } from './criterion.js';

/**
 * |θ|, of all layers together. Han et al. 2015, "Learning both weights and connections for efficient neural networks", arXiv 1506.02626, §3, do it
 * after training; before training it tells only how a layer was initialised, so wide layers, whose weights are small, go first.
 */
export const magnitude: Criterion = {
  name: 'magnitude',
  needsData: false,
  schedule: oneShot,
  createScorer: async ({ architecture, weights }) => ({
    score: async (masks) => {
      const masked = applyMasks(weights, masks);
      return new Map(findPrunableLayers(architecture).map(({ id }) => [id, (masked.get(kernelName(id)) as Float32Array).map(Math.abs)]));
    },
    dispose: () => {},
  }),
};
