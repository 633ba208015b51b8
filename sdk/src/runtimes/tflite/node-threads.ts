import { Worker } from 'node:worker_threads';

/** What a script for browsers starts threads with. */
interface BrowserWorker {
  onmessage?: (event: { readonly data: unknown }) => void;
  onerror?: (error: Error) => void;
  postMessage(message: unknown, transfer?: readonly []): void;
  terminate(): void;
}

/** Node's threads in the form that the wasm's loader expects of a browser. `build` is the path of its files without their endings. */
export function createThreadPool(build: string): { readonly Worker: new () => BrowserWorker; close(): Promise<void> } {
  const threads: Worker[] = [];

  class PoolWorker implements BrowserWorker {
    declare onmessage?: BrowserWorker['onmessage'];
    declare onerror?: BrowserWorker['onerror'];
    readonly #thread: Worker;

    constructor() {
      this.#thread = new Worker(new URL('./node-thread.js', import.meta.url), { workerData: { build } });
      threads.push(this.#thread);
      this.#thread.on('message', (data) => this.onmessage?.({ data }));
      this.#thread.on('error', (error) => this.onerror?.(error));
    }

    postMessage(message: unknown): void {
      this.#thread.postMessage(message);
    }

    terminate(): void {
      void this.#thread.terminate();
    }
  }

  return {
    Worker: PoolWorker,
    close: async () => {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}
