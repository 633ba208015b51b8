import { throwIfCancelled } from '../core/context.js';
import type { Rng } from '../core/rng.js';
import { findPrunableLayers } from '../density/layer-densities.js';
import type { Architecture } from '../ir/architecture.js';
import type { LoweringBuilder, Value } from '../ir/lowering.js';
import { applyMasks, kernelName, type Masks } from '../mask/masks.js';
import { createProgramBuilder } from '../program/builder.js';
import { differentiate } from '../program/differentiate.js';
import { lower } from '../program/lower.js';
import type { Program } from '../program/program.js';
import { collectVariables, initializeVariables } from '../program/variables.js';
import type { Criterion, Scorer, ScoringTask } from './criterion.js';
import { findKernels } from './kernels.js';

/** Deviation of the perturbation of each weight. */
const epsilon = 0.01;

/** Images a class, and draws of weights, noise and images, of one iteration: as in the authors' code (github.com/YiteWang/NTK-SAP). */
const imagesPerClass = 10;
const draws = 5;

/**
 * NTK-SAP: Wang, Li & Sun 2023, "NTK-SAP: improving neural network pruning by aligning training dynamics", arXiv 2304.02840, eq. 10 and
 * algorithm 1. A weight's score is |∂/∂m ‖f(x; θ · m) - f(x; (θ + εN) · m)‖²| at its mask m, summed over draws: θ as a first
 * initialisation would give it, N and the images x normal. Neither data nor the task's own weights matter. As in the authors' code, batch
 * norm of both networks stands still at the statistics that x has at θ.
 */
export const ntkSap: Criterion = {
  name: 'ntk-sap',
  needsData: false,
  schedule: { iterations: 20, kind: 'exponential', revives: false },
  createScorer: createNtkSapScorer,
};

async function createNtkSapScorer({ architecture, backend, context }: ScoringTask): Promise<Scorer> {
  const layers = findPrunableLayers(architecture);
  const programs = [toStatistics(architecture), toNtkSap(architecture)];
  const executable = await backend.compile(programs);
  const [height, width, channels] = architecture.input;
  const pixels = imagesPerClass * architecture.classes * height * width * channels;
  return {
    async score(masks: Masks, iteration) {
      const sums = new Map(layers.map(({ id, prunable }) => [id, new Float32Array(prunable)]));
      for (let draw = 0; draw < draws; draw++) {
        throwIfCancelled(context);
        const rng = context.rng.fork('ntk-sap', iteration, draw);
        await executable.writeVariables(applyMasks(initializeVariables(collectVariables(programs), rng.fork('weights')), masks));
        const images = drawNormal(pixels, rng.fork('images'));
        await executable.run('statistics', { images }, []);
        const noise = layers.map(({ id }) => [`noise/${id}`, drawNoise(masks.get(id) as Uint8Array, rng.fork('noise', id))] as const);
        const scores = await executable.run('ntk-sap', { images, ...Object.fromEntries(noise) });
        for (const [id, sum] of sums) {
          scores[`score/${id}`]?.forEach((score, index) => {
            sum[index] = (sum[index] as number) + score;
          });
        }
      }
      return new Map([...sums].map(([id, sum]) => [id, sum.map(Math.abs)]));
    },
    dispose: () => executable.dispose(),
  };
}

function drawNormal(length: number, rng: Rng): Float32Array {
  return Float32Array.from({ length }, () => rng.normal());
}

function drawNoise(mask: Uint8Array, rng: Rng): Float32Array {
  return Float32Array.from(mask, (kept) => rng.normal() * kept);
}

/** Input `images`. Sets the moving averages of all batch norms to the statistics of this batch; no outputs. */
export function toStatistics(architecture: Architecture): Program {
  const forgetful = {
    ...architecture,
    nodes: architecture.nodes.map((node) => (node.op === 'batch-norm' ? { ...node, momentum: 0 } : node)),
  };
  const builder = createProgramBuilder('statistics', 'train');
  lower(forgetful, builder.input('images', [-1, ...architecture.input]), builder);
  return builder.finish({});
}

/** Inputs `images` and `noise/LAYER`, N · m in the kernel's shape; kernels are θ · m. Outputs `score/LAYER`, signed, 0 where m is 0. */
export function toNtkSap(architecture: Architecture): Program {
  const builder = createProgramBuilder('ntk-sap', 'infer');
  const images = builder.input('images', [-1, ...architecture.input]);
  const logits = lower(architecture, images, builder);
  const kernels = findKernels(architecture, builder).map((kernel) => ({
    ...kernel,
    noise: builder.input(`noise/${kernel.id}`, kernel.value.shape),
  }));
  const perturbed = new Map(
    kernels.map(({ id, value, noise }) => [
      kernelName(id),
      builder.emit('add', [value, builder.emit('scale', [noise], { factor: epsilon })], {}),
    ]),
  );
  const other: LoweringBuilder = { ...builder, variable: (spec) => perturbed.get(spec.name) ?? builder.variable(spec) };
  const difference = builder.emit('sub', [logits, lower(architecture, images, other)], {});
  const distance = builder.emit('reduceSum', [builder.emit('mul', [difference, difference], {})], { axes: [0, 1] });
  builder.enter('backward');

  // The mask multiplies θ and N alike, so its gradient is theirs, weighed by what it multiplies.
  const gradients = differentiate(
    builder,
    distance,
    kernels.flatMap(({ value, noise }) => [value, noise]),
  ) as readonly Value[];
  const scores = kernels.map(({ id, value, noise }, index): [string, Value] => {
    const ofValue = builder.emit('mul', [gradients[2 * index] as Value, value], {});
    return [`score/${id}`, builder.emit('add', [ofValue, builder.emit('mul', [gradients[2 * index + 1] as Value, noise], {})], {})];
  });
  return builder.finish(Object.fromEntries(scores));
}
