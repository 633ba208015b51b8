import { formatMs } from '@precrop/sdk/core/units';

/** A clock that cannot have told the truth. */
export interface ClockJump {
  /** The clock went back; it left a second one; or it said in another process that more time went by than did here. */
  readonly kind: 'backwards' | 'apart' | 'samples';
  /** By how much, above 0 where it ran ahead. */
  readonly jumpMs: number;
  /** What went by meanwhile, by the second clock. */
  readonly elapsedMs: number;
}

/** Both clocks at one moment. */
export interface ClockReading {
  readonly clockMs: number;
  readonly secondMs: number;
}

export interface ClockGuard {
  /**
   * Compares the clocks since the last check, and gives the worst jump of all checks so far: check often, since a jump is told from what went by.
   * @param timedMs what another process says that it timed since the last check
   */
  readonly check: (timedMs?: number) => ClockJump | null;
}

/** Clocks may run apart by this fraction, and by these steps of a coarse one. */
const mostDrift = 0.05;
const mostApartMs = 20;

/** @param second a clock that does not hang on the first: the time of day */
export function watchClock(clock: () => number, second: () => number = Date.now): ClockGuard {
  const read = (): ClockReading => ({ clockMs: clock(), secondMs: second() });
  let last = read();
  let worst: ClockJump | null = null;
  return {
    check(timedMs) {
      const now = read();
      const jump = toClockJump(last, now, timedMs);
      last = now;
      if (jump && Math.abs(jump.jumpMs) > Math.abs(worst?.jumpMs ?? 0)) worst = jump;
      return worst;
    },
  };
}

/** Null where the clocks agree. */
export function toClockJump(before: ClockReading, after: ClockReading, timedMs = 0): ClockJump | null {
  const clockMs = after.clockMs - before.clockMs;
  const elapsedMs = after.secondMs - before.secondMs;
  if (clockMs < 0) return { kind: 'backwards', jumpMs: clockMs - Math.max(0, elapsedMs), elapsedMs };
  if (areApart(clockMs, elapsedMs)) return { kind: 'apart', jumpMs: clockMs - elapsedMs, elapsedMs };
  if (timedMs > clockMs && areApart(timedMs, clockMs)) return { kind: 'samples', jumpMs: timedMs - clockMs, elapsedMs };
  return null;
}

export function describeClockJump({ kind, jumpMs, elapsedMs }: ClockJump): string {
  const [by, elapsed] = [formatMs(Math.abs(jumpMs)), formatMs(Math.max(0, elapsedMs))];
  switch (kind) {
    case 'backwards':
      return `The clock ran backwards, by ${by}: no time that was taken meanwhile is true.`;
    case 'samples':
      return `The clock of the process that was timed ran ahead by ${by} while ${elapsed} went by: its times are not true.`;
    case 'apart':
      return `The clock jumped ${jumpMs > 0 ? 'forward' : 'back'} by ${by} against a second one while ${elapsed} went by: no time that was taken meanwhile is true.`;
  }
}

function areApart(oneMs: number, otherMs: number): boolean {
  const apartMs = Math.abs(oneMs - otherMs);
  return apartMs > mostApartMs && apartMs > mostDrift * Math.max(Math.abs(oneMs), Math.abs(otherMs));
}
