import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { HandshakeCells } from './handshake-partner.js';

/**
 * How far apart the cores are that two threads run on, told by a handshake through memory. A virtual machine's host moves its cores about: on one
 * server a handshake took 100 ns for some seconds and 500 ns for the next, and networks of small layers on two threads took twice as long with it.
 */
export interface DistanceWatch {
  /** Takes the handshake's time once more, which takes a few ms, unless that was just done. */
  readonly probe: () => void;
  /** How many times the shortest handshake the last one took; 1 where nothing is known. */
  readonly ratio: () => number;
  /** The handshake that others are held against, there and back, ns. Null where it is not known: with one core. */
  readonly baseNs: () => number | null;
  /**
   * Takes the last handshake for the shortest from now on: what does not come back is not waited for again and again. Not where there is a state to
   * compare with: what is measured in another one stays another thing.
   */
  readonly settle: () => void;
  readonly close: () => void;
}

export interface DistanceWatchOptions {
  /** Least time between two probes, ms. */
  readonly everyMs?: number;
  /** The handshake of a state that measurements are to be compared with, ns; the shortest that was seen where left out. */
  readonly baseNs?: number | undefined;
  /** Takes the time of one handshake, ns; null where that cannot be told. */
  readonly time?: () => number | null;
}

/** Cores are in another state where a handshake takes so many times as long. */
export const farRatio = 1.6;

export function createDistanceWatch(clock: () => number, options: DistanceWatchOptions = {}): DistanceWatch {
  const { everyMs = 400, baseNs } = options;
  const partner = options.time ? undefined : startPartner(clock);
  const time = options.time ?? (() => partner?.time() ?? null);
  let probedAtMs: number | undefined;
  let shortestNs = baseNs ?? Number.POSITIVE_INFINITY;
  let lastNs: number | null = null;
  return {
    probe() {
      if (probedAtMs !== undefined && Math.abs(clock() - probedAtMs) < everyMs) return;
      lastNs = time() ?? lastNs;
      probedAtMs = clock();
      if (lastNs !== null && baseNs === undefined) shortestNs = Math.min(shortestNs, lastNs);
    },
    ratio: () => (lastNs === null || !Number.isFinite(shortestNs) ? 1 : Math.max(lastNs / shortestNs, shortestNs / lastNs)),
    baseNs: () => (Number.isFinite(shortestNs) ? shortestNs : null),
    settle() {
      if (lastNs !== null && baseNs === undefined) shortestNs = lastNs;
    },
    close: () => partner?.close(),
  };
}

/**
 * Waits until the cores are as near as they were; gives up after so many ms in all calls together.
 * @returns the time that is left for further calls, ms
 */
export async function waitUntilNear(
  watch: DistanceWatch,
  mostMs: number,
  { clock, signal }: { readonly clock: () => number; readonly signal: AbortSignal },
  wait: (ms: number) => Promise<unknown> = (ms) => pause(ms, undefined, { signal }),
): Promise<number> {
  const start = clock();
  let waitedMs = 0;
  for (watch.probe(); watch.ratio() > farRatio; watch.probe()) {
    if (signal.aborted) break;
    if (waitedMs >= mostMs) {
      watch.settle();
      break;
    }
    await wait(pauseMs).catch(() => {}); // a cancel is heard by the caller
    waitedMs = Math.max(waitedMs + pauseMs, clock() - start);
  }
  return Math.max(0, mostMs - waitedMs);
}

const pauseMs = 500;
/** Handshakes that are timed as one, and how many such times are told apart: the first ones may find both threads on one core. */
const handshakes = 400;
const slices = 12;
const patienceMs = 60;

interface Partner {
  readonly time: () => number | null;
  readonly close: () => void;
}

/** A thread that answers; it sleeps between probes and keeps no process alive. */
function startPartner(clock: () => number): Partner | undefined {
  if (availableParallelism() < 2) return undefined;
  const cells = new Int32Array(new SharedArrayBuffer(4 * 16 * 4)); // a cache line each
  const worker = new Worker(new URL('./handshake-partner.js', import.meta.url), { workerData: cells satisfies HandshakeCells });
  worker.unref();
  worker.on('error', () => {});
  return {
    close: () => void worker.terminate(),
    time() {
      const deadlineMs = clock() + patienceMs;
      Atomics.store(cells, 0, 0);
      Atomics.store(cells, 16, 0);
      Atomics.store(cells, 48, handshakes * slices);
      Atomics.store(cells, 32, 1);
      Atomics.notify(cells, 32);
      const times: number[] = [];
      let startMs = clock();
      for (let call = 1; call <= handshakes * slices; call++) {
        Atomics.store(cells, 0, call);
        for (let spins = 1; Atomics.load(cells, 16) !== call; spins++) {
          if (spins % 4096 === 0 && clock() > deadlineMs) {
            Atomics.store(cells, 0, -1); // the partner gives up too
            return null;
          }
        }
        if (call % handshakes > 0) continue;
        times.push(((clock() - startMs) * 1e6) / handshakes);
        startMs = clock();
      }
      const late = times.slice(slices / 2).sort((a, b) => a - b);
      return late[late.length >> 1] ?? null;
    },
  };
}
