import { throwIfCancelled } from '../core/context.js';
import { UsageError } from '../core/errors.js';
import { findPrunableLayers } from '../density/layer-densities.js';
import { type Architecture, inputId } from '../ir/architecture.js';
import type { Value } from '../ir/lowering.js';
import { applyMasks, kernelName, type Masks } from '../mask/masks.js';
import { createProgramBuilder } from '../program/builder.js';
import { differentiate } from '../program/differentiate.js';
import { lower } from '../program/lower.js';
import type { Program } from '../program/program.js';
import type { Criterion, Scorer, ScoringTask } from './criterion.js';

/**
 * SynFlow: Tanaka et al. 2020, "Pruning neural networks without any data by iteratively conserving synaptic flow", arXiv 2006.05467, eq. 3.
 * With |θ| for all weights and an image of ones, R is the sum of the logits and a weight's score θ · ∂R/∂θ: the flow through it. Batch norm
 * stands still (mean 0, variance 1), and relu6 counts as relu: a clipped flow would not be one.
 */
export const synflow: Criterion = {
  name: 'synflow',
  needsData: false,
  schedule: { iterations: 100, kind: 'exponential', revives: false },
  createScorer: createSynflowScorer,
};

async function createSynflowScorer({ architecture, weights, backend, context }: ScoringTask): Promise<Scorer> {
  const flowing = {
    ...architecture,
    nodes: architecture.nodes.map((node) => (node.op === 'relu6' ? { ...node, op: 'relu' as const } : node)),
  };
  const cuts = findCuts(flowing);
  const layers = findPrunableLayers(architecture);
  const executable = await backend.compile([toSynflow(flowing, cuts)]);
  const positive = new Map([...weights].map(([name, values]) => [name, values.map(Math.abs)]));
  await executable.writeVariables(positive);
  const kernels = new Map(layers.map(({ id }) => [kernelName(id), positive.get(kernelName(id)) as Float32Array]));
  const images = new Float32Array(architecture.input[0] * architecture.input[1] * architecture.input[2]).fill(1);
  const factors = new Map(cuts.map((id) => [id, 1]));

  const means = cuts.map((id) => `mean/${id}`);
  const run = (outputs: readonly string[]) => {
    const feeds = Object.fromEntries([...factors].map(([id, factor]) => [`factor/${id}`, factor]));
    return executable.run('synflow', { images, ...feeds }, outputs);
  };

  // Brings the mean activation behind each cut near 1. A flow that leaves float32's range hides what comes after: then it goes on from there.
  async function rescale(): Promise<void> {
    for (let settled = false; !settled; ) {
      throwIfCancelled(context);
      const measured = await run(means);
      settled = true;
      let change = 1; // all factors before have changed by
      for (const id of cuts) {
        const mean = (measured[`mean/${id}`]?.[0] as number) * change;
        if (!(mean > 0 && Number.isFinite(mean))) break;
        if (mean > 1e-6 && mean < 1e6) continue;
        change /= mean;
        factors.set(id, (factors.get(id) as number) / mean);
        settled = false;
      }
    }
  }

  return {
    async score(masks: Masks) {
      await executable.writeVariables(applyMasks(kernels, masks));
      await rescale();
      const scores = await run(layers.map(({ id }) => `score/${id}`));
      if (layers.every(({ id }) => scores[`score/${id}`]?.every((score) => score === 0)))
        throw new UsageError(`No path from the image to a logit of ${architecture.name} is left: the density is too low for SynFlow.`);
      return new Map(layers.map(({ id }) => [id, scores[`score/${id}`] as Float32Array]));
    },
    dispose: () => executable.dispose(),
  };
}

/** Inputs `images` and `factor/CUT`, scalars. Outputs `score/LAYER` in the kernel's shape and `mean/CUT`, the mean activation behind the cut. */
function toSynflow(architecture: Architecture, cuts: readonly string[]): Program {
  const builder = createProgramBuilder('synflow', 'infer');
  const means: [string, Value][] = [];
  const logits = lower(architecture, builder.input('images', [-1, ...architecture.input]), builder, (id, value) => {
    if (!cuts.includes(id)) return value;
    const scaled = builder.emit('mul', [value, builder.input(`factor/${id}`, [])], {});
    means.push([`mean/${id}`, builder.emit('reduceMean', [scaled], { axes: scaled.shape.map((_, axis) => axis) })]);
    return scaled;
  });
  const flow = builder.emit('reduceSum', [logits], { axes: [0, 1] });
  builder.enter('backward');
  const kernels = findPrunableLayers(architecture).map(({ id }) => {
    const variable = builder.variables.find(({ name }) => name === kernelName(id));
    return { id, value: builder.values[variable?.value as number] as Value };
  });
  const gradients = differentiate(
    builder,
    flow,
    kernels.map(({ value }) => value),
  );
  const scores = kernels.map(({ id, value }, index): [string, Value] => [
    `score/${id}`,
    builder.emit('mul', [gradients[index] as Value, value], {}),
  ]);
  return builder.finish(Object.fromEntries([...scores, ...means]));
}

/**
 * Nodes that every path from the image to the logits crosses, one behind each layer that has such a node. A factor there is a factor
 * of the whole flow, so it changes no ranking; one inside a residual branch would weigh the branch against the skip.
 */
function findCuts(architecture: Architecture): readonly string[] {
  const place = new Map(architecture.nodes.map(({ id }, index) => [id, index]));
  const prunable = new Set(findPrunableLayers(architecture).map(({ id }) => id));
  const lastReader = new Map<string, number>();
  for (const { id, inputs } of architecture.nodes) for (const input of inputs) lastReader.set(input, place.get(id) as number);
  const cuts: string[] = [];
  let furthest = lastReader.get(inputId) ?? 0;
  let crossed = false;
  architecture.nodes.forEach(({ id }, index) => {
    if (prunable.has(id)) crossed = true;
    if (furthest <= index && crossed) {
      cuts.push(id);
      crossed = false;
    }
    furthest = Math.max(furthest, lastReader.get(id) ?? 0);
  });
  return cuts;
}
