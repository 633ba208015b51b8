import { findPrunableLayers } from '../density/layer-densities.js';
import { type Criterion, oneShot } from './criterion.js';

/**
 * Every weight is as good as any other: the control of every comparison. As in Frankle et al. 2021, "Pruning neural networks at initialization:
 * why are we missing the mark?", arXiv 2009.08576. A layer keeps the share that all keep, but for chance; the density method `uniform` is
 * without it.
 */
export const random: Criterion = {
  name: 'random',
  needsData: false,
  schedule: oneShot,
  createScorer: async ({ architecture, context }) => ({
    score: async () =>
      new Map(
        findPrunableLayers(architecture).map(({ id, prunable }) => {
          const rng = context.rng.fork('random', id);
          return [id, Float32Array.from({ length: prunable }, rng.uniform)];
        }),
      ),
    dispose: () => {},
  }),
};
