import { type MessagePort, workerData } from 'node:worker_threads';
import type { ImageFormat, ImageSplit } from './dataset.js';
import { type BatchOptions, makeBatch, orderOfEpoch } from './make-batch.js';

/** What the worker of `createBatches` is told. */
export interface BatchJob {
  readonly split: ImageSplit;
  readonly format: ImageFormat;
  readonly options: BatchOptions;
  readonly first: number;
  readonly steps: number;
  /** How many batches it may be ahead. */
  readonly prefetch: number;
  readonly taken: Int32Array; // [1], shared: batches that the main thread has taken
  readonly port: MessagePort;
}

const { split, format, options, first, steps, prefetch, taken, port } = workerData as BatchJob;
const order = orderOfEpoch(split.count, options);
for (let step = first; step < steps; step++) {
  waitForRoom(step - first);
  const batch = makeBatch(split, format, order, step, options);
  port.postMessage(batch, [batch.images.buffer as ArrayBuffer, batch.labels.buffer as ArrayBuffer]);
}

/** Sleeps while `prefetch` batches lie ready. */
function waitForRoom(made: number): void {
  for (let count = Atomics.load(taken, 0); made - count >= prefetch; count = Atomics.load(taken, 0)) {
    Atomics.wait(taken, 0, count);
  }
}
