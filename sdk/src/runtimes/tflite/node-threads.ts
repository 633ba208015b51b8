import { Worker } from 'node:worker_threads';

/** What a script for browsers starts threads with. */
interface BrowserWorker {
  onmessage: ((event: { readonly data: unknown }) => void) | undefined;
  postMessage(message: unknown): void;
  terminate(): void;
}

/** The threads of one module. */
export interface ThreadPool {
  /** Node's threads in the form that the wasm's loader expects of a browser. */
  readonly Worker: new () => BrowserWorker;
  /** Rejects when a thread fails. */
  readonly failed: Promise<never>;
  /** From now on the threads do not keep the process alive. */
  unref(): void;
  close(): Promise<void>;
}

/** `build` is the path of the wasm's files without their endings. */
export function createThreadPool(build: string): ThreadPool {
  const threads: Worker[] = [];
  const { promise: failed, reject } = withReject();

  class PoolWorker implements BrowserWorker {
    onmessage: BrowserWorker['onmessage'];
    readonly #thread: Worker;

    constructor() {
      this.#thread = new Worker(new URL('./node-thread.js', import.meta.url), { workerData: { build } });
      threads.push(this.#thread);
      this.#thread.on('message', (data) => this.onmessage?.({ data }));
      this.#thread.on('error', reject);
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
    failed,
    unref: () => {
      for (const thread of threads) thread.unref();
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

/** A promise that can only be rejected, and that nobody has to mind. */
function withReject(): { readonly promise: Promise<never>; readonly reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<never>((_, rejectIt) => {
    reject = rejectIt;
  });
  promise.catch(() => {});
  return { promise, reject };
}
