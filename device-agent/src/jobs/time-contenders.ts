import type { RunContext } from '@precrop/sdk/core/context';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { availableParallelism } from 'node:os';
import { runInterleaved } from '../measure/interleave.js';
import { createMeasurement, type Measurement } from '../measure/measurement.js';
import { startWorker } from '../worker/start-worker.js';

export interface ContenderTimings {
  readonly trainStep: Measurement;
  readonly inference: readonly Measurement[];
}

type Service = 'bench-step-ours' | 'bench-inference-ours';

/** Batches at which inference is timed: one image as an app sees it, many as a folder is worked through. */
const inferenceBatches = [1, 128] as const;

/** Times a training step and inference of each architecture, all in interleaved blocks, each in its own process. */
export async function timeContenders<Name extends string>(
  architectures: Readonly<Record<Name, Architecture>>,
  batch: number,
  context: RunContext,
): Promise<Readonly<Record<Name, ContenderTimings>>> {
  const trainStep = await time('bench-step-ours', architectures, batch, context);
  const inference: Record<Name, Measurement>[] = [];
  for (const size of inferenceBatches) inference.push(await time('bench-inference-ours', architectures, size, context));
  const names = Object.keys(architectures) as Name[];
  return Object.fromEntries(
    names.map((name) => [name, { trainStep: trainStep[name], inference: inference.map((each) => each[name]) }]),
  ) as unknown as Record<Name, ContenderTimings>;
}

async function time<Name extends string>(
  service: Service,
  architectures: Readonly<Record<Name, Architecture>>,
  batch: number,
  context: RunContext,
): Promise<Record<Name, Measurement>> {
  const names = Object.keys(architectures) as Name[];
  const workers = await Promise.all(names.map((name) => startWorker(service, { architecture: architectures[name], batch }, { context })));
  try {
    const contenders = names.map((name, index) => ({
      name,
      time: async (count: number) => (await workers[index]?.call('time', { count })) ?? [],
    }));
    const blocks = await runInterleaved(contenders, { leastRounds: 4, mostRounds: 10, budgetMs: 12_000, blockMs: 500 }, context);
    const conditions = { runtime: 'tensorflow-graph', threads: availableParallelism(), batch };
    return Object.fromEntries(names.map((name) => [name, createMeasurement((blocks.get(name) ?? []).flat(), conditions)])) as Record<
      Name,
      Measurement
    >;
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}
