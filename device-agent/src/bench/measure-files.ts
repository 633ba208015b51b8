import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import { toErrorData } from '@precrop/sdk/core/errors';
import { type Blocks, type InterleaveOptions, runInterleaved } from '../measure/interleave.js';
import { startWorker, type WorkerHandle } from '../worker/start-worker.js';
import type { FileInferenceMethods } from './file-session.js';
import { type CallLimits, timeCall } from './time-call.js';

/** A runtime with a file to run. */
export interface FileContender {
  readonly runtime: string;
  readonly threads: number;
  readonly path: string;
}

export interface FileMeasured extends FileContender {
  readonly blocks: Blocks;
  /** The largest of a logit's differences from the first contender's. */
  readonly maxAbsoluteDifference: number;
  /** The same as a share of the first contender's largest logit: an untrained network's may be tiny. */
  readonly maxRelativeDifference: number;
}

export interface FileLeftOut extends FileContender {
  /** A sentence. */
  readonly reason: string;
}

export type FileLength = InterleaveOptions & CallLimits;

interface FilesBench {
  /** The first one's logits are what the others must give. */
  readonly contenders: readonly FileContender[];
  readonly batch: number;
  readonly length: FileLength;
  /** Gets the versions of the libraries that ran. */
  readonly versions: Record<string, string>;
  /** What is measured, in words. */
  readonly what: string;
}

interface Running extends FileContender {
  readonly name: string;
  readonly worker: WorkerHandle<FileInferenceMethods>;
  readonly maxAbsoluteDifference: number;
  readonly maxRelativeDifference: number;
}

/** Largest difference of a logit that is one of rounding, as a share of the largest logit. */
const tolerance = 1e-4;

/**
 * Inference of one batch by each contender in interleaved blocks, each in its own process. One that gives other logits than the first is no
 * contender: it is left out with the reason, as is what cannot run here.
 */
export async function measureFiles(bench: FilesBench, context: RunContext): Promise<readonly (FileMeasured | FileLeftOut)[]> {
  const { contenders, what, length, versions } = bench;
  const running: Running[] = [];
  const leftOut: FileLeftOut[] = [];
  let expected: Float32Array | undefined;
  try {
    for (const contender of contenders) {
      context.emit({ type: 'phase', name: 'start', message: `${what}: starting ${nameOf(contender)}` });
      const started = await startContender(contender, expected, bench, context);
      if ('reason' in started) leftOut.push({ ...contender, reason: started.reason });
      else if (running.some(({ name }) => name === started.name))
        await started.worker.close(); // runs already, on fewer threads than asked for
      else running.push(started);
      if (!('reason' in started)) expected ??= started.logits;
    }
    for (const { worker } of running) Object.assign(versions, await worker.call('versions'));
    const timed = running.map(({ name, worker }) => ({ name, time: (count: number) => worker.call('time', { count }) }));
    const emit: RunContext['emit'] = (event) => {
      if (event.type === 'phase') context.emit({ ...event, message: `${what}: warming up ${event.message}` });
      else context.emit(event.type === 'progress' ? { ...event, name: `${what}: round` } : event);
    };
    const blocks = await runInterleaved(timed, length, { ...context, emit });
    const measured = running.map(({ worker: _, name, ...each }): FileMeasured => ({ ...each, blocks: blocks.get(name) ?? [] }));
    return [...measured, ...leftOut];
  } finally {
    await Promise.all(running.map(({ worker }) => worker.close()));
  }
}

async function startContender(
  contender: FileContender,
  expected: Float32Array | undefined,
  { batch, length }: FilesBench,
  context: RunContext,
): Promise<(Running & { readonly logits: Float32Array }) | { readonly reason: string }> {
  const { runtime, threads, path } = contender;
  let worker: WorkerHandle<FileInferenceMethods> | undefined;
  try {
    throwIfCancelled(context);
    worker = await startWorker('bench-file', { runtime, threads, path, batch }, { context, threads });
    const { reason } = await timeCall(worker, length);
    if (reason !== undefined) return { reason };
    const logits = await worker.call('logits');
    const maxAbsoluteDifference = largestDifference(logits, expected ?? logits);
    const largest = (expected ?? logits).reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
    const maxRelativeDifference = maxAbsoluteDifference === 0 ? 0 : maxAbsoluteDifference / largest;
    if (!(maxRelativeDifference <= tolerance)) {
      worker.kill();
      return {
        reason: `Its logits are wrong: one differs by ${maxAbsoluteDifference} from what onnxruntime/cpu gives, where the largest is ${largest}.`,
      };
    }
    const used = { ...contender, threads: await worker.call('threads') };
    return { ...used, name: nameOf(used), worker, maxAbsoluteDifference, maxRelativeDifference, logits };
  } catch (error) {
    worker?.kill();
    throwIfCancelled(context);
    return { reason: toErrorData(error).message };
  }
}

function nameOf({ runtime, threads }: FileContender): string {
  return `${runtime}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce(
    (most, value, index) => Math.max(most, Number.isNaN(value) ? Number.POSITIVE_INFINITY : Math.abs(value - (b[index] as number))),
    0,
  );
}
