import { type CoreTimes, loadCoreTimes } from './core-times.js';
import { loadOwnCpuMs, type OwnProcess } from './process-cpu-time.js';

/** What others did on this machine meanwhile, as fractions of the time of all cores that this process may use. */
export interface MachineLoad {
  /** By processes that are not ours. */
  readonly othersShare: number;
  /** By other virtual machines of the same host; null where the system does not tell. */
  readonly stealShare: number | null;
}

/** Counters at one moment. */
export interface LoadSnapshot extends CoreTimes {
  readonly atMs: number;
  /** CPU time of our own processes. */
  readonly ownMs: number;
}

export type TakeLoadSnapshot = () => Promise<LoadSnapshot | null>;

/** Ends a window; null where the load is unknown. */
export type CloseLoadWindow = () => Promise<MachineLoad | null>;

export interface LoadWatch {
  /**
   * Begins a window. One that is shorter than the counters can tell reaches back over what was watched before, so that many short measurements
   * in a row know their load.
   */
  readonly open: () => Promise<CloseLoadWindow>;
}

/** Counters advance in steps of 10 ms a core: over so long a time a step is 2 %. */
export const leastLoadWindowMs = 500;

/** How busy others keep the machine from now on, until the function that it gives is called. @param listProcesses ours, besides this one */
export function watchLoad(listProcesses: () => readonly OwnProcess[]): Promise<CloseLoadWindow> {
  return createLoadWatch(() => takeLoadSnapshot(listProcesses())).open();
}

/** Counters of this machine and of our processes; null where one is missing. */
export async function takeLoadSnapshot(processes: readonly OwnProcess[]): Promise<LoadSnapshot | null> {
  const ownMs = await loadOwnCpuMs(processes);
  const times = loadCoreTimes();
  return times && ownMs !== null ? { ...times, ownMs, atMs: performance.now() } : null;
}

export function createLoadWatch(takeSnapshot: TakeLoadSnapshot): LoadWatch {
  let earlier: readonly LoadSnapshot[] = []; // in order; the first is far enough back for any window
  const take = async (): Promise<LoadSnapshot | null> => {
    const now = await takeSnapshot();
    if (now === null) return null;
    const farEnough = earlier.findLastIndex(({ atMs }) => now.atMs - atMs >= leastLoadWindowMs);
    earlier = [...earlier.slice(Math.max(0, farEnough)), now];
    return now;
  };
  return {
    async open() {
      const start = await take();
      return async () => {
        const end = await take();
        if (start === null || end === null) return null;
        const isFarEnough = ({ atMs }: LoadSnapshot): boolean => atMs <= start.atMs && end.atMs - atMs >= leastLoadWindowMs;
        const before = isFarEnough(start) ? start : earlier.findLast(isFarEnough);
        return before ? toLoad(before, end) : null;
      };
    },
  };
}

/** Null where the counters stand still or went back, as in sandboxes that make them up. */
export function toLoad(before: LoadSnapshot, after: LoadSnapshot): MachineLoad | null {
  const totalMs = after.totalMs - before.totalMs;
  const busyMs = after.busyMs - before.busyMs;
  const ownMs = after.ownMs - before.ownMs;
  if (!(totalMs > 0 && busyMs >= 0 && ownMs >= 0)) return null;
  const stealShare = after.stealMs === null || before.stealMs === null ? null : toFraction((after.stealMs - before.stealMs) / totalMs);
  return { othersShare: toFraction((busyMs - ownMs) / totalMs), stealShare };
}

/** Two counters that advance in steps may disagree a little. */
function toFraction(share: number): number {
  return Math.min(1, Math.max(0, share));
}
