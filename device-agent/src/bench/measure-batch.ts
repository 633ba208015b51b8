import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import { toErrorData } from '@precrop/sdk/core/errors';
import { formatMs } from '@precrop/sdk/core/units';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { type Blocks, runInterleaved } from '../measure/interleave.js';
import { median } from '../measure/statistics.js';
import type { NamedProbe } from '../setup/doctor.js';
import { startWorker, type WorkerHandle } from '../worker/start-worker.js';
import { type BatchMeasured, layersName, type RuntimeLeftOut, type RuntimeMeasured } from './inference-document.js';
import { type Admitted, foreseeSlowCall, keepWithin } from './leave-out-slow.js';
import { type CallLimits, timeCall } from './time-call.js';
import type { TimedMethods } from './timed-service.js';

export interface InferenceLength extends CallLimits {
  readonly leastRounds: number;
  readonly mostRounds: number;
  /** What a block should take, and the warm-up at least, ms. */
  readonly blockMs: number;
  readonly warmUpMs: number;
}

interface BatchBench {
  readonly architecture: Architecture;
  readonly batch: number;
  readonly probes: readonly NamedProbe[];
  readonly threads: readonly number[];
  readonly budgetMs: number;
  readonly length: InferenceLength;
  /** Batches that were measured before. */
  readonly earlier: readonly BatchMeasured[];
  /** Gets the versions of the libraries that ran. */
  readonly versions: Record<string, string>;
}

/** A contender whose process runs. */
interface Running extends Admitted {
  readonly name: string;
  readonly runtime: string;
  readonly threads: number;
  readonly worker: WorkerHandle<TimedMethods>;
}

const peakName = 'matrix products';

/** All runtimes at one batch, in interleaved blocks; what cannot take part, with the reason. */
export async function measureBatch(bench: BatchBench, context: RunContext): Promise<BatchMeasured> {
  const { batch, budgetMs, length, versions } = bench;
  const start = context.clock();
  const running: Running[] = [];
  const leftOut: RuntimeLeftOut[] = [];
  try {
    for (const asked of listAsked(bench)) {
      const { runtime, threads, why } = asked;
      const outcome = why ?? (await startContender(runtime, threads, bench, context));
      if (typeof outcome === 'string') leftOut.push({ runtime, threads, batch, reason: outcome });
      else if (running.some(({ name }) => name === outcome.name))
        await outcome.worker.close(); // fewer threads than asked for, which run already
      else running.push(outcome);
    }
    const costMs = (callMs: number): number => length.warmUpMs + (length.leastRounds + 1.5) * Math.max(length.blockMs, 3 * callMs);
    const leftMs = budgetMs - (context.clock() - start);
    const kept = keepWithin(running, leftMs, costMs);
    for (const each of running.filter((candidate) => !kept.includes(candidate))) {
      each.worker.kill();
      const reason = `Its calls of ${formatMs(each.callMs)} do not fit into the time of the whole measurement. Give it longer with --limit.`;
      leftOut.push({ runtime: each.runtime, threads: each.threads, batch, reason });
    }
    const { blocks, failed } = await timeRunning(kept, leftMs, bench, context);
    for (const { worker } of kept) if (!failed.size) Object.assign(versions, await worker.call('versions'));
    return toBatch(batch, kept, blocks, failed, leftOut);
  } finally {
    await Promise.all(running.map(({ worker }) => worker.close()));
  }
}

interface Asked {
  readonly runtime: string;
  readonly threads: number;
  /** Why it is not tried. */
  readonly why?: string | undefined;
}

function listAsked({ batch, probes, threads, earlier, length }: BatchBench): readonly Asked[] {
  const known = earlier.flatMap(({ contenders }) =>
    contenders.filter((each) => 'blocks' in each).map(({ blocks, ...setting }) => ({ ...setting, callMs: median(blocks.flat()) })),
  );
  const runtimes = probes.flatMap(({ name: runtime, status, reason }): readonly Asked[] => {
    if (status === 'absent' || status === 'broken')
      return [{ runtime, threads: Math.max(...threads), why: toSentence(`It is ${status}: ${reason}`) }];
    const used = earlier.flatMap(({ contenders }) => contenders.filter((each) => each.runtime === runtime).map((each) => each.threads));
    return threads
      .filter((count) => used.length === 0 || used.includes(count)) // others ran on fewer threads than asked for
      .map((count) => ({ runtime, threads: count, why: foreseeSlowCall({ runtime, threads: count, batch }, known, length.mostCallMs) }));
  });
  return [...runtimes, ...threads.flatMap((count) => [layersName, peakName].map((runtime) => ({ runtime, threads: count })))];
}

/** The contender, or a sentence that says why it cannot take part. */
async function startContender(runtime: string, threads: number, bench: BatchBench, context: RunContext): Promise<Running | string> {
  const { architecture, batch, length } = bench;
  throwIfCancelled(context);
  context.emit({ type: 'phase', name: 'start', message: `batch ${batch}: starting ${runtime}, ${toThreads(threads)}` });
  const options = { context, threads };
  let worker: WorkerHandle<TimedMethods> | undefined;
  try {
    let used = threads;
    if (runtime === peakName) worker = await startWorker('bench-peak-rate', { backend: 'tensorflow-graph' }, options);
    else {
      const service = runtime === layersName ? 'bench-inference-layers' : 'bench-inference';
      const made = await startWorker(service, { architecture, batch, runtime, threads }, options);
      worker = made;
      used = await made.call('threads');
    }
    const { callMs, reason } = await timeCall(worker, length);
    if (reason !== undefined) return reason;
    return {
      name: `${runtime}, ${toThreads(used)}`,
      runtime,
      threads: used,
      worker,
      callMs,
      mustStay: runtime === layersName || runtime === peakName,
    };
  } catch (error) {
    worker?.kill();
    throwIfCancelled(context);
    return toErrorData(error).message;
  }
}

/** The blocks of each by name; one that fails on the way has none, but a sentence. */
async function timeRunning(running: readonly Running[], budgetMs: number, { batch, length }: BatchBench, context: RunContext) {
  const failed = new Map<string, string>();
  const contenders = running.map(({ name, worker }) => ({
    name,
    time: async (count: number): Promise<readonly number[]> => {
      if (failed.has(name)) return [];
      try {
        return await worker.call('time', { count });
      } catch (error) {
        throwIfCancelled(context);
        failed.set(name, toErrorData(error).message);
        return [];
      }
    },
  }));
  const emit: RunContext['emit'] = (event) => {
    if (event.type === 'phase') context.emit({ ...event, message: `batch ${batch}: warming up ${event.message}` });
    else context.emit(event.type === 'progress' ? { ...event, name: `batch ${batch}, round` } : event);
  };
  const blocks = await runInterleaved(contenders, { ...length, budgetMs }, { ...context, emit });
  return { blocks, failed };
}

function toBatch(
  batch: number,
  running: readonly Running[],
  blocks: ReadonlyMap<string, Blocks>,
  failed: ReadonlyMap<string, string>,
  leftOut: readonly RuntimeLeftOut[],
): BatchMeasured {
  const contenders = running
    .filter(({ runtime }) => runtime !== peakName)
    .map(({ name, runtime, threads }): RuntimeMeasured | RuntimeLeftOut => {
      const reason = failed.get(name);
      return reason === undefined ? { runtime, threads, batch, blocks: blocks.get(name) ?? [] } : { runtime, threads, batch, reason };
    });
  const peaks = running
    .filter(({ runtime, name }) => runtime === peakName && !failed.has(name))
    .map(({ name, threads }): [number, Blocks] => [threads, blocks.get(name) ?? []]);
  return { batch, contenders: [...contenders, ...leftOut.filter(({ runtime }) => runtime !== peakName)], peaks: new Map(peaks) };
}

function toThreads(count: number): string {
  return `${count} ${count === 1 ? 'thread' : 'threads'}`;
}

function toSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
