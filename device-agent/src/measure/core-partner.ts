/** The thread that answers the handshakes of `core-state.ts`, and then works beside it. */
import { workerData } from 'node:worker_threads';
import { doWideWork } from './wide-work.js';

/** Numbers in shared memory, each on a cache line of its own. */
export type CoreCells = Int32Array<SharedArrayBuffer>;

/** Where they are: the number of the probe that is asked for, and that was answered; a call and its answer; how many calls; whether to work on. */
export const cellOf = { asked: 0, answered: 16, call: 32, reply: 48, calls: 64, works: 80 } as const;
export const cellCount = 96;

if (workerData instanceof Int32Array) answer(workerData as CoreCells);

function answer(cells: CoreCells): never {
  for (let asked = 0; ; ) {
    Atomics.wait(cells, cellOf.asked, asked);
    asked = Atomics.load(cells, cellOf.asked);
    const count = Atomics.load(cells, cellOf.calls);
    for (let seen = 0; seen < count; ) {
      const call = Atomics.load(cells, cellOf.call);
      if (call < 0) break; // given up
      if (call === seen) continue;
      seen = call;
      Atomics.store(cells, cellOf.reply, call);
    }
    while (Atomics.load(cells, cellOf.works) === asked) doWideWork(2000);
    Atomics.store(cells, cellOf.answered, asked);
  }
}
