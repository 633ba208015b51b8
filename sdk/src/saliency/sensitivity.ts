import { findPrunableLayers } from '../density/layer-densities.js';
import { applyMasks, kernelName } from '../mask/masks.js';
import { toGradients } from '../program/training-step.js';
import type { Criterion, PruningSchedule, Scorer, ScoringTask } from './criterion.js';
import { requireBatch } from './kernels.js';

/**
 * A criterion whose score is |θ · ∂L/∂θ|: how much the loss changes, to first order, when a weight is removed. L is the mean loss of the batch in
 * training mode. The gradient is that of the network under the masks of the iteration before, and θ are the weights as they were before any
 * was removed, so that a removed one has a score, too. Where none may return, that makes no difference.
 */
export function createSensitivity(name: string, schedule: PruningSchedule): Criterion {
  return { name, needsData: true, schedule, createScorer };

  async function createScorer({ architecture, weights, backend, batch }: ScoringTask): Promise<Scorer> {
    const { images, labels } = requireBatch(name, batch);
    const layers = findPrunableLayers(architecture).map(({ id }) => ({ id, kernel: kernelName(id), output: `gradient/${kernelName(id)}` }));
    const outputs = layers.map(({ output }) => output);
    const executable = await backend.compile([toGradients(architecture, { labelSmoothing: 0 })]);
    return {
      async score(masks) {
        await executable.writeVariables(applyMasks(weights, masks));
        const gradients = await executable.run('gradients', { images, labels }, outputs);
        return new Map(
          layers.map(({ id, kernel, output }) => {
            const gradient = gradients[output] as Float32Array;
            return [id, (weights.get(kernel) as Float32Array).map((weight, index) => Math.abs(weight * (gradient[index] as number)))];
          }),
        );
      },
      dispose: () => executable.dispose(),
    };
  }
}
