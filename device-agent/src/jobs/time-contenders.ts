import type { RunContext } from '@precrop/sdk/core/context';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countProgramMacs } from '@precrop/sdk/program/count-program-macs';
import { toTrainingStep } from '@precrop/sdk/program/training-step';
import { defaultRecipe } from '@precrop/sdk/train/recipe';
import { peakMacs } from '../bench/peak-program.js';
import type { TimedMethods } from '../bench/timed-service.js';
import { countUsableCores } from '../host/usable-cores.js';
import { type Blocks, runInterleaved } from '../measure/interleave.js';
import { createMeasurement, type Measurement } from '../measure/measurement.js';
import { quantile } from '../measure/statistics.js';
import { startWorker, type WorkerHandle } from '../worker/start-worker.js';
import { type PlannedState, timeInference } from './time-inference.js';

export interface ContenderTimings {
  readonly trainStep: Measurement;
  /** Least time of a step by its MACs, at the rate of the fastest matrix products of the same run. */
  readonly trainStepBoundMs: number;
  readonly inference: readonly Measurement[];
}

export interface TimingOptions {
  readonly backend: string;
  /** Those that can run the finished models here: each architecture's inference is timed in its fastest. */
  readonly runtimes: readonly string[];
  /** Images of a training step. */
  readonly batch: number;
  /** Batches at which inference is timed. */
  readonly inferenceBatches: readonly number[];
  /** Where one of the networks was planned. */
  readonly planned?: PlannedState | undefined;
}

/** Times a training step and inference of each architecture, all in interleaved blocks, each in its own process. */
export async function timeContenders<Name extends string>(
  architectures: Readonly<Record<Name, Architecture>>,
  { backend, runtimes, batch, inferenceBatches, planned }: TimingOptions,
  context: RunContext,
): Promise<Readonly<Record<Name, ContenderTimings>>> {
  const names = Object.keys(architectures) as Name[];
  const start = (name: Name): Starting => [
    name,
    startWorker('bench-step-ours', { architecture: architectures[name], batch, backend }, { context }),
  ];
  // tfjs's own kernels are JavaScript, on one thread.
  const threads = backend === 'tensorflow-graph' ? countUsableCores() : 1;

  const peak = startWorker('bench-peak-rate', { backend }, { context });
  const [peakBlocks = [], ...steps] = await timeInTurn(
    [['matrix products', peak], ...names.map(start)],
    `training step, batch ${batch}`,
    context,
  );
  const inference: Partial<Readonly<Record<Name, Measurement>>>[] = [];
  for (const images of inferenceBatches) inference.push(await timeInference(architectures, { batch: images, runtimes, planned }, context));

  const peakMs = quantile(peakBlocks.flat(), 0.05);
  return Object.fromEntries(
    names.map((name, index) => [
      name,
      {
        trainStep: createMeasurement(steps[index]?.flat() ?? [], { runtime: backend, threads, batch }),
        trainStepBoundMs: (countStepMacs(architectures[name], batch) / peakMacs) * peakMs,
        inference: inference.flatMap((measured) => measured[name] ?? []),
      },
    ]),
  ) as unknown as Record<Name, ContenderTimings>;
}

function countStepMacs(architecture: Architecture, batch: number): number {
  return countProgramMacs(toTrainingStep(architecture, defaultRecipe.optimizer, defaultRecipe), batch);
}

type Starting = readonly [name: string, worker: Promise<WorkerHandle<TimedMethods>>];

// The blocks of each worker, in order; the workers are closed at the end.
async function timeInTurn(starting: readonly Starting[], what: string, context: RunContext): Promise<Blocks[]> {
  const workers = await Promise.all(starting.map(([, worker]) => worker));
  try {
    const contenders = workers.map((worker, index) => ({
      name: `${starting[index]?.[0]}, ${what}`,
      time: (count: number) => worker.call('time', { count }),
    }));
    const blocks = await runInterleaved(contenders, { leastRounds: 3, mostRounds: 10, budgetMs: 12_000, blockMs: 500 }, context);
    return contenders.map(({ name }) => blocks.get(name) ?? []);
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}
