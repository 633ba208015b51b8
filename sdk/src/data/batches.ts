import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type RunContext, throwIfCancelled } from '../core/context.js';
import type { BatchJob } from './batch-worker.js';
import type { ImageFormat, ImageSplit } from './dataset.js';
import { type Batch, type BatchOptions, countSteps, makeBatch, orderOfEpoch } from './make-batch.js';

/** The batches of one epoch, once. Ends its worker at the end, on an error, and when a `for await` is left early. */
export interface BatchSource extends AsyncIterableIterator<Batch> {
  /** Whether batches are being prepared ahead by a worker. */
  readonly prefetching: boolean;
  close(): Promise<void>;
}

export interface PrefetchOptions {
  /** Batches kept ready. 0: each is made when it is asked for. Default 3. */
  readonly prefetch?: number;
  /** Cancels between batches, and hears a warning when the worker fails. */
  readonly context?: RunContext;
}

/**
 * The batches of an epoch, prepared by a worker while this thread computes, even while it is blocked in a native call: a batch
 * that is ready is taken without a turn of the event loop and without a copy. The worker starts at once, so create the source of
 * the next epoch before evaluating. Without a working worker the same batches are made in place.
 * @throws UsageError for an impossible batch size, CancelledError once the context is cancelled.
 */
export function createBatches(
  split: ImageSplit,
  format: ImageFormat,
  options: BatchOptions,
  { prefetch = 3, context }: PrefetchOptions = {},
): BatchSource {
  const steps = countSteps(split.count, options);
  const first = options.startStep ?? 0;
  let step = first;
  let order: Uint32Array | undefined;
  let worker =
    prefetch > 0 && first < steps ? startWorker({ split, format: toFormat(format), options, first, steps, prefetch }, context) : undefined;

  const close = async (): Promise<void> => {
    const closing = worker;
    worker = undefined;
    step = steps;
    await closing?.stop();
  };
  const makeHere = (): Batch => {
    order ??= orderOfEpoch(split.count, options);
    return makeBatch(split, format, order, step, options);
  };
  const take = async (): Promise<Batch | undefined> => {
    if (context) throwIfCancelled(context);
    const prepared = step < steps ? await worker?.take() : undefined;
    return prepared ?? (step < steps ? makeHere() : undefined);
  };
  const next = async (): Promise<IteratorResult<Batch, undefined>> => {
    try {
      const value = await take();
      if (value) {
        step++;
        return { done: false, value };
      }
    } catch (error) {
      await close();
      throw error;
    }
    await close();
    return { done: true, value: undefined };
  };
  return {
    get prefetching() {
      return worker?.alive ?? false;
    },
    next,
    close,
    async return() {
      await close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

interface WorkerHandle {
  readonly alive: boolean;
  /** The next batch in order, or undefined once the worker has failed or was stopped. */
  take(): Promise<Batch | undefined>;
  stop(): Promise<void>;
}

function startWorker(job: Omit<BatchJob, 'taken' | 'port'>, context: RunContext | undefined): WorkerHandle | undefined {
  const taken = new Int32Array(new SharedArrayBuffer(4)); // [1], batches taken so far
  const { port1: port, port2 } = new MessageChannel();
  let worker: Worker;
  try {
    worker = new Worker(new URL('./batch-worker.js', import.meta.url), {
      workerData: { ...job, taken, port: port2 } satisfies BatchJob,
      transferList: [port2],
    });
  } catch (error) {
    port.close();
    warn(context, error);
    return undefined;
  }
  let alive = true;
  let wake = (): void => {};
  const arrived: Batch[] = [];
  const end = (): void => {
    alive = false;
    wake();
  };
  port.on('message', (batch: Batch) => {
    arrived.push(batch);
    wake();
  });
  worker.on('error', (error) => warn(context, error));
  worker.on('exit', end);
  hold(worker, port, false);

  return {
    get alive() {
      return alive;
    },
    async take() {
      for (;;) {
        const batch = arrived.shift() ?? receiveNow(port);
        if (batch) {
          Atomics.add(taken, 0, 1);
          Atomics.notify(taken, 0);
          return batch;
        }
        if (!alive) return undefined;
        hold(worker, port, true);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        hold(worker, port, false);
      }
    },
    async stop() {
      await worker.terminate();
      end();
      port.close();
    },
  };
}

/** Only a caller who waits keeps the process alive: an abandoned source must not. */
function hold(worker: Worker, port: MessagePort, on: boolean): void {
  if (on) {
    worker.ref();
    port.ref();
  } else {
    worker.unref();
    port.unref();
  }
}

function receiveNow(port: MessagePort): Batch | undefined {
  return (receiveMessageOnPort(port) as { message: Batch } | undefined)?.message;
}

function warn(context: RunContext | undefined, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  context?.emit({
    type: 'warning',
    message: `Batches are prepared on the main thread, which is slower, because their worker failed: ${reason}`,
  });
}

/** The format alone: a whole data set would be copied into the worker. */
function toFormat({ height, width, channels, mean, std }: ImageFormat): ImageFormat {
  return { height, width, channels, mean, std };
}
