import { UsageError } from '../core/errors.js';
import type { Batch } from '../data/make-batch.js';
import { findPrunableLayers } from '../density/layer-densities.js';
import { applyMasks, kernelName, type Masks } from '../mask/masks.js';
import type { SgdOptimizer } from '../program/optimizer.js';
import { maskName, toGradients, toTrainingStep } from '../program/training-step.js';
import { collectVariables } from '../program/variables.js';
import { type Criterion, oneShot, type Scorer, type ScoringTask } from './criterion.js';
import { requireBatch } from './kernels.js';

/** The inner training: steps, rate and momentum of the authors' own example (github.com/mil-ad/prospr). */
const steps = 3;
const learningRate = 0.5;
const optimizer: SgdOptimizer = { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 0 };
const loss = { labelSmoothing: 0 };

/**
 * ProsPr: Alizadeh et al. 2022, "Prospect pruning: finding trainable weights at initialization using meta-gradients", arXiv 2202.08132, §3,
 * in its first-order form. A weight's score is |∂L(θ_M) / ∂c|, where c · θ are the weights that M steps of training begin with: those steps
 * move all variables, each on its own part of the batch, and the last part gives L. By the chain rule it is θ times (I - α H_1) … (I - α H_M)
 * times the gradient at θ_M; first order drops every Hessian H, and with them what momentum makes of them, so |θ · ∇L(θ_M)| is left.
 */
export const prospr: Criterion = { name: 'prospr', needsData: true, schedule: oneShot, createScorer: createProsprScorer };

async function createProsprScorer({ architecture, weights, backend, batch }: ScoringTask): Promise<Scorer> {
  const parts = splitBatch(requireBatch('prospr', batch), steps + 1);
  const layers = findPrunableLayers(architecture);
  const step = toTrainingStep(
    architecture,
    optimizer,
    loss,
    layers.map(({ id }) => kernelName(id)),
  );
  const executable = await backend.compile([step, toGradients(architecture, loss)]);
  const slots = collectVariables([step]).filter(({ role }) => role === 'slot');
  const momenta = slots.map(({ name, shape }) => [name, new Float32Array(shape.reduce((size, extent) => size * extent, 1))] as const);
  return {
    async score(masks: Masks) {
      const first = applyMasks(weights, masks);
      const ones = [...masks].map(([id, mask]) => [maskName(kernelName(id)), Float32Array.from(mask)] as const);
      await executable.writeVariables(new Map([...first, ...momenta, ...ones]));
      for (const part of parts.slice(0, steps)) await executable.run(step.name, { ...part, learningRate }, []);
      const names = layers.map(({ id }) => `gradient/${kernelName(id)}`);
      const gradients = await executable.run('gradients', { ...(parts[steps] as Batch) }, names);
      return new Map(
        layers.map(({ id }) => {
          const kernel = first.get(kernelName(id)) as Float32Array;
          const gradient = gradients[`gradient/${kernelName(id)}`] as Float32Array;
          return [id, kernel.map((weight, index) => Math.abs(weight * (gradient[index] as number)))];
        }),
      );
    },
    dispose: () => executable.dispose(),
  };
}

/** Parts of the batch that have each n-th image, so that a batch in order of its classes gives parts of all classes. */
function splitBatch({ images, labels }: Batch, parts: number): readonly Batch[] {
  if (labels.length < parts)
    throw new UsageError(`ProsPr trains ${parts - 1} steps before it scores and needs ${parts} images or more, but ${labels.length} came.`);
  const size = images.length / labels.length;
  return Array.from({ length: parts }, (_, part) => {
    const chosen = Array.from({ length: Math.ceil((labels.length - part) / parts) }, (_, index) => part + index * parts);
    const pixels = new Float32Array(chosen.length * size);
    chosen.forEach((image, place) => {
      pixels.set(images.subarray(image * size, (image + 1) * size), place * size);
    });
    return { images: pixels, labels: Int32Array.from(chosen, (image) => labels[image] as number) };
  });
}
