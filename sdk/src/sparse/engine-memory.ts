import { BackendError, ModelFileError } from '../core/errors.js';
import { formatBytes } from '../core/units.js';
import { alignUp } from './place.js';
import { createMemory, maxPages, pageBytes, type WasmMemory } from './web-assembly.js';

/** The first bytes hold what threads meet at, and the job: ./assembly/threads.ts and engine.ts. */
const reservedBytes = 1024;
const jobWord = 448 / 4;
const failedWord = 384 / 4;

/** A memory that is given out from its begin to its end, and grows. */
export interface EngineMemory {
  readonly memory: WasmMemory;
  /** Where the next bytes will lie. */
  readonly end: number;
  /** @throws ModelFileError where that is more than an address can name, BackendError where the machine does not have it. */
  reserve(bytes: number): number;
}

export function createEngineMemory(): EngineMemory {
  let end = reservedBytes;
  let pages = 1;
  const memory = allocate(() => createMemory(pages), pages * pageBytes);
  return {
    memory,
    get end() {
      return end;
    },
    reserve(bytes) {
      const address = end;
      const needed = alignUp(address + bytes, 64);
      if (!(needed <= maxPages * pageBytes)) {
        throw new ModelFileError(
          `The model takes ${formatBytes(needed)} to run, but the sparse engine has ${formatBytes(maxPages * pageBytes)} at most. Use a smaller model or image.`,
        );
      }
      const more = Math.ceil(needed / pageBytes) - pages;
      if (more > 0) allocate(() => memory.grow(more), needed);
      pages += Math.max(0, more);
      end = needed;
      return address;
    },
  };
}

function allocate<T>(attempt: () => T, bytes: number): T {
  try {
    return attempt();
  } catch (error) {
    throw new BackendError(`The sparse engine needs ${formatBytes(bytes)} of memory, which this machine does not give it.`, {
      cause: error,
    });
  }
}

export interface Job {
  readonly program: number;
  readonly images: number;
  readonly count: number;
  readonly logits: number;
  /** Each thread takes whole groups of images, in an arena of its own. */
  readonly apart: boolean;
  readonly stop?: boolean;
}

export function writeJob(memory: WasmMemory, { program, images, count, logits, apart, stop = false }: Job): void {
  new Uint32Array(memory.buffer).set([program, images, count, logits, apart ? 1 : 0, stop ? 1 : 0], jobWord);
}

/** Lets the other threads stop in place of waiting for one that will not come. */
export function markFailed(memory: WasmMemory): void {
  Atomics.store(new Int32Array(memory.buffer), failedWord, 1);
}
