import { UsageError } from '../core/errors.js';
import type { Batch } from '../data/make-batch.js';
import type { Architecture } from '../ir/architecture.js';
import type { LoweringBuilder, Value } from '../ir/lowering.js';
import { applyMasks, kernelName, type Masks } from '../mask/masks.js';
import { createProgramBuilder } from '../program/builder.js';
import { differentiate } from '../program/differentiate.js';
import { lower } from '../program/lower.js';
import type { Program } from '../program/program.js';
import { type Criterion, oneShot, type Scorer, type ScoringTask } from './criterion.js';
import { findKernels, requireBatch } from './kernels.js';

/** The inner training: steps, rate and momentum of the authors' own example (github.com/mil-ad/prospr). */
const steps = 3;
const learningRate = 0.5;
const momentum = 0.9;

/** What is followed back: the whole inner training, or its last loss alone. */
type Order = 'whole' | 'first';

/**
 * ProsPr: Alizadeh et al. 2022, "Prospect pruning: finding trainable weights at initialization using meta-gradients", arXiv 2202.08132, §3.
 * A weight's score is |∂L(θ_M) / ∂c|, where c · θ are the weights that M steps of training begin with: the steps move all variables, each
 * on its own part of the batch, and the last part gives L.
 */
export const prospr: Criterion = createProspr('prospr', 'whole');

/**
 * Without momentum ∂L(θ_M) / ∂c is θ times (I - α H_1) … (I - α H_M) times the gradient at θ_M. First order drops every Hessian H, and so all
 * that a weight does to the steps, its own and those of others: |θ · ∇L(θ_M)| is left, of the first weights and the last gradient. Needs
 * the memory of one training step.
 */
export const prosprFirstOrder: Criterion = createProspr('prospr-first-order', 'first');

function createProspr(name: string, order: Order): Criterion {
  return { name, needsData: true, schedule: oneShot, createScorer: (task) => createProsprScorer(task, name, order) };
}

async function createProsprScorer({ architecture, weights, backend, batch }: ScoringTask, name: string, order: Order): Promise<Scorer> {
  const parts = splitBatch(requireBatch(name, batch), steps + 1);
  const feeds = parts.flatMap(({ images, labels }, part) => [[`images${part}`, images] as const, [`labels${part}`, labels] as const]);
  const executable = await backend.compile([toProspr(architecture, order)]);
  return {
    async score(masks: Masks) {
      await executable.writeVariables(applyMasks(weights, masks));
      const ones = [...masks].map(([id, mask]) => [`mask/${id}`, Float32Array.from(mask)] as const);
      const scores = await executable.run('prospr', Object.fromEntries([...feeds, ...ones]));
      return new Map([...masks.keys()].map((id) => [id, (scores[`score/${id}`] as Float32Array).map(Math.abs)]));
    },
    dispose: () => executable.dispose(),
  };
}

/** Inputs `images0` [-1, h, w, c] and `labels0` int32 [-1] of each part, and `mask/LAYER`. Outputs `score/LAYER`, signed, in the kernel's shape. */
export function toProspr(architecture: Architecture, order: Order): Program {
  const builder = createProgramBuilder('prospr', 'train');
  const moved = new Map<string, Value>();
  const lowering: LoweringBuilder = {
    ...builder,
    variable: (spec) => moved.get(spec.name) ?? builder.variable(spec),
    // Moving averages have no part in this.
    emitAll: (kind, inputs, attributes) => (kind === 'assign' ? [] : builder.emitAll(kind, inputs, attributes)),
  };
  const lossOf = (part: number): Value => {
    const logits = lower(architecture, builder.input(`images${part}`, [-1, ...architecture.input]), lowering);
    const targets = builder.emit('oneHot', [builder.input(`labels${part}`, [-1], 'int32')], { depth: architecture.classes, on: 1, off: 0 });
    return builder.emit('reduceMean', [builder.emit('softmaxCrossEntropy', [logits, targets], {})], { axes: [0] });
  };

  let loss = lossOf(0);
  const kernels = findKernels(architecture, builder).map((kernel) => ({
    ...kernel,
    mask: builder.input(`mask/${kernel.id}`, kernel.value.shape),
  }));
  const masks = new Map(kernels.map(({ id, mask }) => [kernelName(id), mask]));
  const trained = builder.variables.filter(({ role }) => role !== 'moving-mean' && role !== 'moving-variance');
  for (const { name, value } of trained) moved.set(name, builder.values[value as number] as Value);
  const velocities = new Map<string, Value>();
  for (let step = 0; step < steps; step++) {
    const gradients = differentiate(builder, loss, [...moved.values()]) as readonly Value[];
    [...moved].forEach(([name, value], index) => {
      const mask = masks.get(name);
      const gradient = mask ? builder.emit('mul', [gradients[index] as Value, mask], {}) : (gradients[index] as Value);
      const before = velocities.get(name);
      const velocity = before ? builder.emit('add', [builder.emit('scale', [before], { factor: momentum }), gradient], {}) : gradient;
      velocities.set(name, velocity);
      moved.set(name, builder.emit('sub', [value, builder.emit('scale', [velocity], { factor: learningRate })], {}));
    });
    loss = lossOf(step + 1);
  }

  const sources = kernels.map(({ id, value }) => (order === 'whole' ? value : (moved.get(kernelName(id)) as Value)));
  const gradients = differentiate(builder, loss, sources) as readonly Value[];
  const scores = kernels.map(({ id, value }, index): [string, Value] => [
    `score/${id}`,
    builder.emit('mul', [gradients[index] as Value, value], {}),
  ]);
  return builder.finish(Object.fromEntries(scores));
}

/** Equal parts that have each n-th image, so that a batch in order of its classes gives parts of all classes. */
function splitBatch({ images, labels }: Batch, parts: number): readonly Batch[] {
  const count = Math.floor(labels.length / parts);
  if (count === 0)
    throw new UsageError(`ProsPr trains ${parts - 1} steps before it scores and needs ${parts} images or more, but ${labels.length} came.`);
  const size = images.length / labels.length;
  return Array.from({ length: parts }, (_, part) => {
    const pixels = new Float32Array(count * size);
    for (let place = 0; place < count; place++) {
      const image = part + place * parts;
      pixels.set(images.subarray(image * size, (image + 1) * size), place * size);
    }
    return { images: pixels, labels: Int32Array.from({ length: count }, (_, place) => labels[part + place * parts] as number) };
  });
}
