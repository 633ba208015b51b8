import { watchClock } from './clock-guard.js';
import { measureClockResolution } from './clock-resolution.js';
import type { Conditions } from './conditions.js';
import type { DistanceWatch } from './core-distance.js';
import { createLoadWatch, type LoadWatch, takeLoadSnapshot } from './machine-load.js';
import type { PowerState } from './power-state.js';
import type { OwnProcess } from './process-cpu-time.js';
import { createSpeedWatch, type SpeedWatch } from './throttling.js';

/** What watches the machine while one thing after another is timed on it. */
export interface Guards {
  readonly load: LoadWatch;
  readonly speed: SpeedWatch;
  readonly open: () => Promise<GuardWindow>;
}

/** Of one measurement. */
export interface GuardWindow {
  /** To be called after each block. @param timedMs what the worker says that the block took */
  readonly check: (timedMs?: number) => void;
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
  readonly distance?: DistanceWatch | undefined;
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
    distance,
  } = options;
  return {
    load,
    speed,
    async open() {
      const closeLoad = await load.open();
      const clocks = watchClock(clock, secondClock);
      let slowdown = 0;
      distance?.probe();
      let apart = distance?.ratio();
      const check = (timedMs?: number): void => {
        clocks.check(timedMs);
        speed.probe();
        slowdown = Math.max(slowdown, speed.slowdown());
      };
      return {
        check,
        async close() {
          check();
          distance?.probe();
          apart = distance && Math.max(apart ?? 1, distance.ratio());
          return { clockResolutionMs, power, slowdown, distance: apart, clockJump: clocks.check(), load: await closeLoad() };
        },
      };
    },
  };
}
