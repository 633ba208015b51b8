import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { CoreStanding, CoreState } from '@precrop/sdk/cost/device-profile';
import { type CoreCells, cellCount, cellOf } from './core-partner.js';
import { doWideWork } from './wide-work.js';

/**
 * Watches in what state the cores are that threads run on. A virtual machine's host moves its cores about: on one server a handshake took 100 ns for
 * some seconds and 400 ns for the next minutes, or both cores became one, and networks of small layers on two threads took 1.3 to 2 times as long.
 */
export interface CoreWatch {
  /** Looks once more, which takes some ms, unless that was just done. */
  readonly probe: () => void;
  /** How far the state is from the one that is measured in: above 1 it is another one. 0 where nothing is known. */
  readonly apart: () => number;
  /** What that amounts to; `usual` where nothing is known. */
  readonly standing: () => CoreStanding;
  /** What is measured in. Null where it is not known: with one core, or with so many that two say nothing of the rest. */
  readonly base: () => CoreState | null;
  /** What the last probe saw. */
  readonly last: () => CoreState | null;
  /** Takes the last state for the one that is measured in: what does not come back is not waited for again and again. */
  readonly settle: () => void;
  readonly close: () => void;
}

export interface CoreWatchOptions {
  /** Least time between two probes, ms. */
  readonly everyMs?: number;
  /** A state that measurements are to be compared with; that of the first look where left out, with cores of their own. */
  readonly base?: CoreState | null | undefined;
  /** Looks once; null where nothing can be told. */
  readonly look?: () => CoreState | null;
}

/** The state is another one where a handshake takes so many times as long, or shared work does. */
const farRatio = 1.6;
const sharingRatio = 1.3;

export function createCoreWatch(clock: () => number, options: CoreWatchOptions = {}): CoreWatch {
  const { everyMs = 400 } = options;
  const partner = options.look ? undefined : startPartner(clock);
  const look = options.look ?? (() => partner?.look() ?? null);
  let probedAtMs: number | undefined;
  let base = options.base ?? null;
  let last: CoreState | null = null;
  return {
    probe() {
      if (probedAtMs !== undefined && Math.abs(clock() - probedAtMs) < everyMs) return;
      last = look() ?? last;
      probedAtMs = clock();
      base ??= last && { ...last, sharing: 1 };
    },
    apart: () => (last && base ? toApart(last, base) : 0),
    standing: () => (last && base ? toStanding(last, base) : 'usual'),
    base: () => base,
    last: () => last,
    settle() {
      base = last ?? base;
    },
    close: () => partner?.close(),
  };
}

/** Above 1 for states in which the same network takes another time. */
function toApart(one: CoreState, other: CoreState): number {
  const ratio = (a: number, b: number): number => Math.max(a / b, b / a);
  return Math.max(ratio(one.handshakeNs, other.handshakeNs) / farRatio, ratio(one.sharing, other.sharing) / sharingRatio);
}

function toStanding(now: CoreState, base: CoreState): CoreStanding {
  if (toApart(now, base) <= 1) return 'usual';
  if (now.sharing > sharingRatio * base.sharing) return 'shared';
  return now.handshakeNs > base.handshakeNs ? 'far' : 'near';
}

/**
 * Waits until the cores are in the state that is measured in; gives up after so many ms in all calls together.
 * @returns the time that is left for further calls, ms
 */
export async function waitForState(
  watch: CoreWatch,
  mostMs: number,
  { clock, signal }: { readonly clock: () => number; readonly signal: AbortSignal },
  wait: (ms: number) => Promise<unknown> = (ms) => pause(ms, undefined, { signal }),
): Promise<number> {
  const start = clock();
  let waitedMs = 0;
  for (watch.probe(); watch.apart() > 1; watch.probe()) {
    if (signal.aborted || waitedMs >= mostMs) break;
    await wait(pauseMs).catch(() => {}); // a cancel is heard by the caller
    waitedMs = Math.max(waitedMs + pauseMs, clock() - start);
  }
  return Math.max(0, mostMs - waitedMs);
}

const pauseMs = 500;
/** Handshakes that are timed as one, and how many such times are told apart: the first ones may find both threads on one core. */
const handshakes = 400;
const slices = 10;
const workSteps = 30_000;
const workTimes = 5;
const patienceMs = 60;

interface Partner {
  readonly look: () => CoreState | null;
  readonly close: () => void;
}

/** A thread that answers; it sleeps between probes and keeps no process alive. Which two of many cores it and this one get is chance. */
function startPartner(clock: () => number): Partner | undefined {
  if (availableParallelism() !== 2) return undefined;
  const cells: CoreCells = new Int32Array(new SharedArrayBuffer(4 * cellCount));
  const worker = new Worker(new URL('./core-partner.js', import.meta.url), { workerData: cells });
  worker.unref();
  worker.on('error', () => {});
  let asked = 0;
  for (let time = 0; time < 300; time++) doWideWork(workSteps / 100); // until it is compiled
  const timeWork = (): number => {
    let leastMs = Number.POSITIVE_INFINITY;
    for (let time = 0; time < workTimes; time++) {
      const start = clock();
      doWideWork(workSteps);
      leastMs = Math.min(leastMs, clock() - start);
    }
    return leastMs;
  };
  const shakeHands = (deadlineMs: number): number | null => {
    const times: number[] = [];
    let startMs = clock();
    for (let call = 1; call <= handshakes * slices; call++) {
      Atomics.store(cells, cellOf.call, call);
      for (let spins = 1; Atomics.load(cells, cellOf.reply) !== call; spins++) {
        if (spins % 4096 === 0 && clock() > deadlineMs) {
          Atomics.store(cells, cellOf.call, -1); // the partner gives up too
          return null;
        }
      }
      if (call % handshakes > 0) continue;
      times.push(((clock() - startMs) * 1e6) / handshakes);
      startMs = clock();
    }
    const late = times.slice(slices / 2).sort((a, b) => a - b);
    return late[late.length >> 1] ?? null;
  };
  return {
    close: () => void worker.terminate(),
    look() {
      if (Atomics.load(cells, cellOf.answered) !== asked) return null; // it has not come to rest since the last time
      const aloneMs = timeWork();
      asked++;
      for (const cell of [cellOf.call, cellOf.reply]) Atomics.store(cells, cell, 0);
      Atomics.store(cells, cellOf.calls, handshakes * slices);
      Atomics.store(cells, cellOf.works, asked);
      Atomics.store(cells, cellOf.asked, asked);
      Atomics.notify(cells, cellOf.asked);
      const handshakeNs = shakeHands(clock() + patienceMs);
      const bothMs = handshakeNs === null ? 0 : timeWork();
      Atomics.store(cells, cellOf.works, 0);
      return handshakeNs !== null && handshakeNs > 0 && aloneMs > 0 ? { handshakeNs, sharing: Math.max(1, bothMs / aloneMs) } : null;
    },
  };
}
