import { BackendError, ModelFileError, UsageError } from '../core/errors.js';
import type { ModelFile } from '../export/format.js';
import type { InferenceSession, Runtime } from './runtime.js';

/** A loaded model as a library gives it: what a runtime has to bring for a session. */
export interface Engine {
  readonly threads: number;
  readonly input: readonly [number, number, number];
  readonly classes: number;
  /** Images of a call, where the file fixes it. */
  readonly fixedBatch?: number | undefined;
  /** Logits [count, classes] of images [count, height, width, channels]; `count` is the fixed batch where there is one. */
  readonly run: (images: Float32Array, count: number) => Float32Array | Promise<Float32Array>;
  readonly close: () => void | Promise<void>;
}

/** The session of an engine: it takes any number of images, one call after the other, until it is disposed. */
export function createImageSession({ threads, input, classes, fixedBatch, run, close }: Engine): InferenceSession {
  const size = input[0] * input[1] * input[2];
  let last: Promise<unknown> = Promise.resolve();
  let closed: Promise<void> | undefined;

  const inTurn = <T>(work: () => T | Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };

  return {
    threads,
    input,
    classes,
    async infer(images) {
      if (closed) throw new BackendError('This session was disposed. Load the model again.');
      const count = images.length / size;
      if (!Number.isSafeInteger(count) || count < 1) {
        throw new UsageError(`${images.length} values are no whole number of images of ${input.join('x')}, which have ${size} each.`);
      }
      return inTurn(() => (fixedBatch === undefined || fixedBatch === count ? run(images, count) : runInParts(images, count, fixedBatch)));
    },
    async dispose() {
      closed ??= inTurn(close);
      await closed;
    },
  };

  async function runInParts(images: Float32Array, count: number, batch: number): Promise<Float32Array> {
    const logits = new Float32Array(count * classes);
    const part = new Float32Array(batch * size); // behind the last images stands what was there: its logits are left out
    for (let first = 0; first < count; first += batch) {
      part.set(images.subarray(first * size, (first + batch) * size));
      logits.set((await run(part, batch)).subarray(0, (count - first) * classes), first * classes);
    }
    return logits;
  }
}

/** @throws UsageError for a format that the runtime does not load. */
export function checkFormat({ format }: ModelFile, runtime: Pick<Runtime, 'name' | 'format'>): void {
  if (format === runtime.format) return;
  throw new UsageError(`The runtime ${runtime.name} loads ${runtime.format} files, but this is one in ${format}.`);
}

/**
 * The bytes of a model in a format of one file.
 * @throws UsageError for a format that the runtime does not load; ModelFileError where there is no file.
 */
export function bytesOf(file: ModelFile, runtime: Pick<Runtime, 'name' | 'format'>): Uint8Array {
  checkFormat(file, runtime);
  const [bytes] = file.files.values();
  if (!bytes) throw new ModelFileError(`The ${file.format} model has no file.`);
  return bytes;
}

/** @throws UsageError for a number of threads that is none. */
export function checkThreads(threads: number): number {
  if (Number.isSafeInteger(threads) && threads >= 1) return threads;
  throw new UsageError(`The number of threads is ${threads}, but must be a whole number of at least 1.`);
}

/** What a library said, without the lines that say where in its code. */
export function firstLineOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.trim();
}
