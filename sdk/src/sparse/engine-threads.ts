import { Worker } from 'node:worker_threads';
import { BackendError } from '../core/errors.js';
import { markFailed, writeJob } from './engine-memory.js';
import type { EngineExports, WasmMemory, WasmModule } from './web-assembly.js';

/** What a thread is started with: ./engine-thread.ts. */
export interface ThreadData {
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly thread: number;
}

export interface EngineThreads {
  /** Ends all of them. */
  close(): Promise<void>;
}

/** Starts all threads but the first, which is the caller's. They sleep between jobs and do not keep the process alive. */
export async function startThreads(
  { module, memory }: Omit<ThreadData, 'thread'>,
  threads: number,
  { announce }: EngineExports,
): Promise<EngineThreads> {
  const workers: Worker[] = [];
  const close = async (): Promise<void> => {
    writeJob(memory, { program: 0, images: 0, count: 0, logits: 0, apart: false, stop: true });
    announce();
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  try {
    for (let thread = 1; thread < threads; thread++) {
      const data: ThreadData = { module, memory, thread };
      workers.push(new Worker(new URL('./engine-thread.js', import.meta.url), { workerData: data }));
    }
    await Promise.all(workers.map(awaitStart));
  } catch (error) {
    await close();
    throw new BackendError(`The sparse engine cannot start ${threads} threads: ${(error as Error).message}. Use one.`, { cause: error });
  }
  for (const worker of workers) {
    worker.on('error', () => markFailed(memory)); // it is told by the next call, which finds the mark
    worker.unref();
  }
  return { close };
}

function awaitStart(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread ended with code ${code}`)));
  });
}
