import { findPrunableLayers } from '../density/layer-densities.js';
import type { Architecture } from '../ir/architecture.js';
import type { Value } from '../ir/lowering.js';
import { applyMasks, type Masks } from '../mask/masks.js';
import { createProgramBuilder } from '../program/builder.js';
import { differentiate } from '../program/differentiate.js';
import { lower } from '../program/lower.js';
import type { Program } from '../program/program.js';
import { type Criterion, oneShot, type Scorer, type ScoringTask } from './criterion.js';
import { findKernels, requireBatch } from './kernels.js';

/** Divides the logits, so that no class is certain yet. Wang et al. 2020, §5. */
const temperature = 200;

/**
 * GraSP: Wang, Zhang & Grosse 2020, "Picking winning tickets before training by preserving gradient flow", arXiv 2002.07376, eq. 8 and
 * algorithm 2. With g the gradient of the loss by all kernels and H its Hessian, a weight's importance there is -θ · Hg and the largest are
 * removed: here the score is θ · Hg. The Hessian is exact and takes in batch norm's statistics, which are the batch's own.
 */
export const grasp: Criterion = { name: 'grasp', needsData: true, schedule: oneShot, createScorer: createGraspScorer };

async function createGraspScorer({ architecture, weights, backend, batch }: ScoringTask): Promise<Scorer> {
  const { images, labels } = requireBatch('grasp', batch);
  const layers = findPrunableLayers(architecture);
  const executable = await backend.compile([toGrasp(architecture)]);
  return {
    async score(masks: Masks) {
      await executable.writeVariables(applyMasks(weights, masks));
      const scores = await executable.run('grasp', { images, labels });
      return new Map(layers.map(({ id }) => [id, scores[`score/${id}`] as Float32Array]));
    },
    dispose: () => executable.dispose(),
  };
}

/** Inputs `images` [-1, h, w, c] and `labels` int32 [-1]. Outputs `score/LAYER` in the kernel's shape. */
export function toGrasp(architecture: Architecture): Program {
  const builder = createProgramBuilder('grasp', 'train');
  const logits = lower(architecture, builder.input('images', [-1, ...architecture.input]), builder);
  const softened = builder.emit('scale', [logits], { factor: 1 / temperature });
  const targets = builder.emit('oneHot', [builder.input('labels', [-1], 'int32')], { depth: architecture.classes, on: 1, off: 0 });
  const loss = builder.emit('reduceMean', [builder.emit('softmaxCrossEntropy', [softened, targets], {})], { axes: [0] });
  builder.enter('backward');
  const kernels = findKernels(architecture, builder);
  const values = kernels.map(({ value }) => value);
  const gradients = differentiate(builder, loss, values) as readonly Value[];

  // Hg is the gradient of half of g · g: no gradient has to be stopped.
  const squares = gradients.map((gradient) =>
    builder.emit('reduceSum', [builder.emit('mul', [gradient, gradient], {})], { axes: gradient.shape.map((_, axis) => axis) }),
  );
  const flow = builder.emit('scale', [squares.reduce((sum, square) => builder.emit('add', [sum, square], {}))], { factor: 0.5 });
  const products = differentiate(builder, flow, values) as readonly Value[];
  const scores = kernels.map(({ id, value }, index): [string, Value] => [
    `score/${id}`,
    builder.emit('mul', [products[index] as Value, value], {}),
  ]);
  return builder.finish(Object.fromEntries(scores));
}
