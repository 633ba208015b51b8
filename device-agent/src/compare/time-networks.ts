import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import { toErrorData } from '@precrop/sdk/core/errors';
import { type CallLimits, timeCall } from '../bench/time-call.js';
import type { TimedInferenceMethods } from '../bench/timed-service.js';
import { countUsableCores } from '../host/usable-cores.js';
import { runInterleaved } from '../measure/interleave.js';
import { createMeasurement } from '../measure/measurement.js';
import { median } from '../measure/statistics.js';
import type { BlockedMeasurement, Trial } from '../report/compare/comparison.js';
import { startWorker, type WorkerHandle } from '../worker/start-worker.js';
import { findFarTooSlow, findFastestDense, findWays, listThreads, nameWay, pickFinalists, type Way } from './candidates.js';
import { type Contender, originalId } from './contender.js';

/** A network with its weights in a file. */
export interface PreparedContender extends Contender {
  readonly weightsPath: string;
}

export interface TimedNetwork {
  /** In the faster of its two best ways; absent where nothing ran. */
  readonly fastest?: BlockedMeasurement;
  readonly trials: readonly Trial[];
}

export interface NetworkTiming {
  readonly batch: number;
  /** Those that can be used here. */
  readonly runtimes: readonly string[];
  /** What the interleaved timing may take, ms, unless a few rounds take longer. */
  readonly budgetMs: number;
}

/** Ways that were far too slow for a network at this batch, with a sentence: others are not tried in them. */
type TooSlow = Map<string, string>;

interface Running {
  readonly id: string;
  readonly way: string;
  readonly threads: number;
  readonly worker: WorkerHandle<TimedInferenceMethods>;
}

const callLimits: CallLimits = { patienceMs: 8000, mostCallMs: 2000 };

/**
 * Inference of each network at one batch. First every way to run it is tried, a network after the other; then the best two of each are timed in
 * interleaved blocks, each in its own process, and the faster one is the network's.
 */
export async function timeNetworks(
  contenders: readonly PreparedContender[],
  timing: NetworkTiming,
  context: RunContext,
): Promise<ReadonlyMap<string, TimedNetwork>> {
  const trials = new Map<string, readonly Trial[]>();
  const finalists: Running[] = [];
  const tooSlow: TooSlow = new Map();
  try {
    let fastestDense: string | undefined;
    for (const contender of contenders) {
      context.emit({ type: 'phase', name: 'trial', message: `${contender.id}: looking for its fastest runtime` });
      const ways = findWays(contender.kind, timing.runtimes, fastestDense);
      const tried = await tryWays(contender, ways, timing.batch, tooSlow, context);
      trials.set(contender.id, tried.trials);
      finalists.push(...tried.finalists);
      if (contender.id === originalId) fastestDense = findFastestDense(tried.trials);
    }
    const measured = await timeFinalists(finalists, timing, context);
    return new Map(
      contenders.map(({ id }) => {
        const own = measured.filter((each) => each.id === id);
        const [fastest] = own.map(({ measurement }) => measurement).toSorted((a, b) => a.median - b.median);
        return [
          id,
          { trials: [...(trials.get(id) ?? []), ...own.map(({ measurement }) => toFinal(measurement))], ...(fastest ? { fastest } : {}) },
        ];
      }),
    );
  } finally {
    await Promise.all(finalists.map(({ worker }) => worker.close()));
  }
}

/** All finalists of all networks in interleaved blocks. */
async function timeFinalists(
  finalists: readonly Running[],
  { batch, budgetMs }: NetworkTiming,
  context: RunContext,
): Promise<readonly { readonly id: string; readonly measurement: BlockedMeasurement }[]> {
  const timed = finalists.map(({ id, way, threads, worker }) => ({
    name: `${id} in ${way}, ${threads}`,
    time: (count: number) => worker.call('time', { count }),
  }));
  const blocks = await runInterleaved(timed, { leastRounds: 4, mostRounds: 20, budgetMs, blockMs: 250, warmUpMs: 400 }, context);
  return finalists.map(({ id, way, threads }, index) => {
    const each = blocks.get(timed[index]?.name ?? '') ?? [];
    const measurement = createMeasurement(each.flat(), { runtime: way, threads, batch });
    return { id, measurement: { ...measurement, blockSizes: each.map(({ length }) => length) } };
  });
}

function toFinal({ batch, runtime, threads, median: medianMs, samples: samplesMs }: BlockedMeasurement): Trial {
  return { stage: 'final', batch, runtime, threads, medianMs, samplesMs, reason: null };
}

/** All ways to run one network, timed in a short trial in turn; the finalists go on running, the others end. */
async function tryWays(
  contender: PreparedContender,
  ways: readonly Way[],
  batch: number,
  tooSlow: TooSlow,
  context: RunContext,
): Promise<{ readonly finalists: readonly Running[]; readonly trials: readonly Trial[] }> {
  const running: Running[] = [];
  const trials: Trial[] = [];
  let finalists: readonly Running[] = [];
  try {
    for (const way of ways) {
      const runtime = nameWay(way);
      for (const threads of listThreads(countUsableCores())) {
        const known = tooSlow.get(runtime);
        const started = known ?? (await tryStart(contender, way, threads, batch, context));
        if (typeof started !== 'string') {
          // One that runs on fewer threads than asked for runs already.
          if (running.some((each) => each.way === runtime && each.threads === started.threads)) started.worker.kill();
          else running.push(started);
        } else if (!trials.some((each) => each.runtime === runtime && each.reason === started))
          trials.push({ stage: 'trial', batch, runtime, threads, medianMs: null, samplesMs: [], reason: started });
      }
    }
    const samples = await runTrial(running, context);
    const timed = running.map((each, index): Trial => {
      const samplesMs = samples[index] ?? [];
      return { stage: 'trial', batch, runtime: each.way, threads: each.threads, medianMs: median(samplesMs), samplesMs, reason: null };
    });
    finalists = pickFinalists(samples).flatMap((index) => running[index] ?? []);
    for (const [runtime, reason] of findFarTooSlow(timed, contender.id)) tooSlow.set(runtime, reason);
    return { trials: [...timed, ...trials], finalists };
  } finally {
    await Promise.all(running.filter((each) => !finalists.includes(each)).map(({ worker }) => worker.close()));
  }
}

/** A process that runs the network in that way, or a sentence that says why none does. */
async function tryStart(
  { id, architecture, weightsPath }: PreparedContender,
  way: Way,
  threads: number,
  batch: number,
  context: RunContext,
): Promise<Running | string> {
  let worker: WorkerHandle<TimedInferenceMethods> | undefined;
  try {
    worker = await startWorker('bench-network', { architecture, weightsPath, batch, threads, ...way }, { context, threads });
    const { reason } = await timeCall(worker, callLimits);
    return reason ?? { id, way: nameWay(way), threads: await worker.call('threads'), worker };
  } catch (error) {
    worker?.kill();
    throwIfCancelled(context);
    return toErrorData(error).message;
  }
}

/** Enough to tell ways apart that differ by more than they scatter; those that scatter more are equally good. */
async function runTrial(running: readonly Running[], context: RunContext): Promise<readonly (readonly number[])[]> {
  const timed = running.map(({ worker }, index) => ({ name: `${index}`, time: (count: number) => worker.call('time', { count }) }));
  const options = { leastRounds: 4, mostRounds: 4, budgetMs: 0, blockMs: 80, warmUpMs: 150 };
  const blocks = await runInterleaved(timed, options, { ...context, emit: () => {} });
  return running.map((_, index) => (blocks.get(`${index}`) ?? []).flat());
}
