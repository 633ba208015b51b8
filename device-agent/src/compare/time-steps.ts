import type { RunContext } from '@precrop/sdk/core/context';
import { countUsableCores } from '../host/usable-cores.js';
import { runInterleaved } from '../measure/interleave.js';
import { createMeasurement, type Measurement } from '../measure/measurement.js';
import { startWorker } from '../worker/start-worker.js';
import type { Contender } from './contender.js';

export interface StepTiming {
  readonly backend: string;
  /** Images of a step. */
  readonly batch: number;
  /** What timing may take, ms, unless a few rounds take longer. */
  readonly budgetMs: number;
}

/**
 * A training step of each network, in interleaved blocks, each in its own process. Masked networks run one and the same program, whichever
 * zeros their masks hold: it is timed once, and each of them gets that measurement.
 */
export async function timeSteps(
  contenders: readonly Contender[],
  { backend, batch, budgetMs }: StepTiming,
  context: RunContext,
): Promise<ReadonlyMap<string, Measurement>> {
  const keyOf = ({ id, kind }: Contender): string => (kind === 'sparse' ? 'masked' : id);
  const distinct = contenders.filter((each, index) => contenders.findIndex((other) => keyOf(other) === keyOf(each)) === index);
  // tfjs's own kernels are JavaScript, on one thread.
  const threads = backend === 'tensorflow-graph' ? countUsableCores() : 1;
  const workers = await Promise.all(
    distinct.map(({ architecture, mask }) =>
      startWorker('bench-step-ours', { architecture, batch, backend, masked: mask !== undefined }, { context }),
    ),
  );
  try {
    const timed = workers.map((worker, index) => ({
      name: keyOf(distinct[index] as Contender),
      time: (count: number) => worker.call('time', { count }),
    }));
    const blocks = await runInterleaved(timed, { leastRounds: 4, mostRounds: 12, budgetMs, blockMs: 400 }, context);
    const measured = new Map(
      [...blocks].map(([key, each]) => [key, createMeasurement(each.flat(), { runtime: backend, threads, batch })] as const),
    );
    return new Map(contenders.map((each) => [each.id, measured.get(keyOf(each)) as Measurement]));
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}
