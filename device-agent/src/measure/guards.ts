import type { CoreStanding } from '@precrop/sdk/cost/device-profile';
import { watchClock } from './clock-guard.js';
import { measureClockResolution } from './clock-resolution.js';
import type { Conditions } from './conditions.js';
import type { CoreWatch } from './core-state.js';
import { createLoadWatch, type LoadWatch, takeLoadSnapshot } from './machine-load.js';
import type { PowerState } from './power-state.js';
import type { OwnProcess } from './process-cpu-time.js';
import { createSpeedWatch, type SpeedWatch } from './throttling.js';

/** What watches the machine while one thing after another is timed on it. */
export interface Guards {
  readonly load: LoadWatch;
  readonly speed: SpeedWatch;
  readonly open: (options?: WindowOptions) => Promise<GuardWindow>;
}

export interface WindowOptions {
  /** Whether blocks count however the cores stand, as long as they stand alike before and after. Default: only as usual. */
  readonly anyStanding?: boolean;
}

/** Of one measurement. */
export interface GuardWindow {
  /**
   * To be called after each block: how the cores stood meanwhile. Null where it does not count, for they were moved, or stood otherwise than they
   * should: then it is to be timed again. For so long as there is patience.
   * @param timedMs what the worker says that the block took
   */
  readonly check: (timedMs?: number) => CoreStanding | null;
  /** The conditions since it was opened. */
  readonly close: () => Promise<Conditions>;
}

export interface GuardOptions {
  /** Those whose work is ours, besides this one: the workers that run at the time. */
  readonly listProcesses: () => readonly OwnProcess[];
  readonly power?: PowerState | string | undefined;
  /** Where absent, this process's clock is tried: a worker's is the same. */
  readonly clockResolutionMs?: number;
  /** A second clock, which the first is held against. */
  readonly secondClock?: () => number;
  readonly load?: LoadWatch;
  readonly speed?: SpeedWatch;
  /** Not watched where left out. */
  readonly cores?: CoreWatch | undefined;
  /** For how long a measurement goes on without blocks that count, ms. */
  readonly patienceMs?: number;
}

/** Guards for many measurements: load and speed are told over longer times than a short one takes. */
export function createGuards(clock: () => number, options: GuardOptions): Guards {
  const {
    listProcesses,
    power,
    secondClock = Date.now,
    clockResolutionMs = measureClockResolution(clock),
    load = createLoadWatch(() => takeLoadSnapshot(listProcesses())),
    speed = createSpeedWatch(clock),
    cores,
    patienceMs = 5000,
  } = options;
  return {
    load,
    speed,
    async open({ anyStanding = false } = {}) {
      const closeLoad = await load.open();
      const clocks = watchClock(clock, secondClock);
      let slowdown = 0;
      cores?.probe();
      const look = () => ({ apart: cores?.apart() ?? 0, standing: cores?.standing() ?? 'usual' }) as const;
      let before = look();
      let coresApart = 0;
      let checkedMs = clock();
      let lostMs = 0;
      const check = (timedMs?: number): CoreStanding | null => {
        clocks.check(timedMs);
        speed.probe();
        slowdown = Math.max(slowdown, speed.slowdown());
        cores?.probe();
        const after = look();
        const apart = Math.max(before.apart, after.apart);
        const isOne = before.standing === after.standing;
        const sinceMs = Math.abs(clock() - checkedMs);
        before = after;
        checkedMs = clock();
        if (anyStanding && isOne) return after.standing;
        if (apart > 1 && lostMs < patienceMs) {
          lostMs += sinceMs;
          return null;
        }
        coresApart = Math.max(coresApart, apart);
        return 'usual';
      };
      return {
        check,
        async close() {
          speed.probe();
          slowdown = Math.max(slowdown, speed.slowdown());
          return { clockResolutionMs, power, slowdown, coresApart, clockJump: clocks.check(), load: await closeLoad() };
        },
      };
    },
  };
}
