/** The thread that answers the handshakes of `core-distance.ts`: it writes what it read, as fast as it can. */
import { workerData } from 'node:worker_threads';

/** Numbers in shared memory, each on a cache line of its own: 0 the call, 16 the answer, 32 whether there are calls, 48 how many. */
export type HandshakeCells = Int32Array<SharedArrayBuffer>;

const cells = workerData as HandshakeCells;
for (;;) {
  Atomics.wait(cells, 32, 0);
  const count = Atomics.load(cells, 48);
  let seen = 0;
  while (seen < count) {
    const call = Atomics.load(cells, 0);
    if (call < 0) break;
    if (call === seen) continue;
    seen = call;
    Atomics.store(cells, 16, call);
  }
  Atomics.store(cells, 32, 0);
}
