import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunContext } from '@precrop/sdk/core/context';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import { readWidths } from '@precrop/sdk/ir/widths';
import { kernelName } from '@precrop/sdk/mask/masks';
import { measureLiveness } from '@precrop/sdk/program/liveness';
import { toTrainingStep } from '@precrop/sdk/program/training-step';
import type { Recipe } from '@precrop/sdk/train/recipe';
import { createLoadWatch, takeLoadSnapshot } from '../measure/machine-load.js';
import type { Measurement } from '../measure/measurement.js';
import { type Steadiness, waitUntilSteady } from '../measure/wait-until-steady.js';
import type { ComparedNetwork, ComparedTraining, CompareSetting } from '../report/compare/comparison.js';
import { toSeedSpread } from '../report/compare/seed-spread.js';
import { startWorker } from '../worker/start-worker.js';
import type { NoCrop } from './contender.js';
import { nameContender } from './name-contender.js';
import { type ContenderAxes, type Prepared, prepareContenders } from './prepare-contenders.js';
import type { Stages } from './stages.js';
import { type TimedNetwork, timeNetworks } from './time-networks.js';
import { timeSteps } from './time-steps.js';
import { trainContenders } from './train-contenders.js';

export interface NetworksToCompare extends Omit<ContenderAxes, 'seed'>, CompareSetting {
  readonly recipe: Recipe;
  /** Runtimes that can be used here. */
  readonly runtimes: readonly string[];
  readonly runsDirectory: string;
  /** What the timing of the steps, and of inference at each batch, may take, ms. */
  readonly budgetMs: number;
}

export interface ComparedNetworks {
  readonly networks: readonly ComparedNetwork[];
  readonly leftOut: readonly NoCrop[];
  readonly steadiness: Steadiness;
}

/**
 * Original, crops and sparse networks on this device: trains each by the same recipe and seeds, then times a training step and inference of all
 * of them in interleaved blocks, each in a process of its own.
 * @throws what a training throws; CancelledError: finished trainings are kept, and are not done again.
 */
export async function compareNetworks(options: NetworksToCompare, stages: Stages): Promise<ComparedNetworks> {
  const [seed = 0] = options.seeds;
  const folder = await mkdtemp(join(tmpdir(), 'precrop-compare-'));
  try {
    const { contenders, leftOut } = await stages.run(
      { title: 'Networks' },
      (context) => prepareContenders({ ...options, seed }, folder, context),
      (prepared) => `${prepared.contenders.length} to compare`,
    );
    const trainings = await trainContenders(contenders, options, stages);
    const { steadiness, steps, timed } = await stages.run(
      { title: 'Timing' },
      async (context) => {
        const { backend, recipe, budgetMs, runtimes } = options;
        const steadiness = await askWhetherSteady(backend, { ...stages, context });
        const steps = await timeSteps(contenders, { backend, batch: recipe.batch, budgetMs }, withPrefix(context, 'training step'));
        const timed: ReadonlyMap<string, TimedNetwork>[] = [];
        for (const batch of options.batches)
          timed.push(await timeNetworks(contenders, { batch, runtimes, budgetMs }, withPrefix(context, `inference, batch ${batch}`)));
        return { steadiness, steps, timed };
      },
      () => 'done',
    );
    const networks = contenders.map((each) =>
      toNetwork(each, contenders[0] as Prepared, options.recipe, {
        trainings: trainings.get(each.id) ?? [],
        trainStep: steps.get(each.id) as Measurement,
        inference: timed.flatMap((batch) => batch.get(each.id) ?? []),
      }),
    );
    return { networks, leftOut, steadiness };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The context, whose phases say what they are of. */
function withPrefix(context: RunContext, prefix: string): RunContext {
  return {
    ...context,
    emit(event) {
      if (event.type !== 'phase') return context.emit(event);
      const words = event.message ?? event.name;
      context.emit({ ...event, message: `${prefix}: ${event.name === 'warm-up' ? `warming up ${words}` : words}` });
    },
  };
}

/** By large matrix products, which only the native backend runs fast enough to ask often. */
async function askWhetherSteady(backend: string, { context }: Stages): Promise<Steadiness> {
  if (backend !== 'tensorflow-graph') return { verdict: 'valid', reasons: [], samplesMs: [], tries: 0 };
  context.emit({ type: 'phase', name: 'steady', message: 'asking whether the machine is steady' });
  const worker = await startWorker('bench-peak-rate', { backend }, { context });
  try {
    const load = createLoadWatch(() => takeLoadSnapshot([worker]));
    return await waitUntilSteady((count) => worker.call('time', { count }), context, { load });
  } finally {
    await worker.close();
  }
}

interface Measured {
  readonly trainings: readonly ComparedTraining[];
  readonly trainStep: Measurement;
  readonly inference: readonly TimedNetwork[];
}

function toNetwork(contender: Prepared, original: Prepared, recipe: Recipe, measured: Measured): ComparedNetwork {
  const { id, kind, source, equal, architecture, mask, masked: left, diskBytes, params, macs } = contender;
  const { trainings, trainStep, inference } = measured;
  const widths = readWidths(architecture);
  const masked = mask ? findPrunableLayers(architecture).map((layer) => kernelName(layer.id)) : [];
  const largest = trainings.reduce((most, each) => (each.peakRssBytes > most.peakRssBytes ? each : most));
  const [format = '', bytes = 0] = Object.entries(diskBytes).toSorted(([, a], [, b]) => a - b)[0] ?? [];
  return {
    id,
    kind,
    source,
    equal,
    name: nameContender(contender),
    architecture: architecture.name,
    widths: [...readWidths(original.architecture)].map(([group, originalWidth]) => ({
      group,
      width: widths.get(group) ?? originalWidth,
      originalWidth,
    })),
    params,
    macs,
    mask: left
      ? { densities: Object.fromEntries(left.densities), effectiveDensity: left.effectiveDensity, collapsed: left.collapsed }
      : null,
    accuracy: toSeedSpread(trainings.map(({ accuracy }) => accuracy)),
    trainings,
    trainStep,
    inference: inference.flatMap(({ fastest }) => fastest ?? []),
    trials: inference.flatMap(({ trials }) => trials),
    peakRssBytes: {
      value: largest.peakRssBytes,
      baselineBytes: largest.baselineRssBytes,
      predictedBytes: measureLiveness(toTrainingStep(architecture, recipe.optimizer, recipe, masked), recipe.batch).peakBytes,
    },
    disk: { format, bytes, all: diskBytes },
  };
}
