import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { ticksPerSecond } from './process-cpu-time.js';

/** Time of the cores that this process may use, summed over them since some fixed moment, ms. */
export interface CoreTimes {
  readonly totalMs: number;
  /** Of it by any process, at any priority. */
  readonly busyMs: number;
  /** Of it by other machines of the same host, where this one is virtual; null where the system does not tell. */
  readonly stealMs: number | null;
}

/** Null where the system does not tell. */
export function loadCoreTimes(): CoreTimes | null {
  if (process.platform !== 'linux') return sumTimes(cpus().map(({ times }) => ({ ...times, waiting: 0, steal: null })));
  try {
    return parseCoreTimes(readFileSync('/proc/stat', 'utf8'), parseCoreList(readFileSync('/proc/self/status', 'utf8')));
  } catch {
    return null; // no /proc in this sandbox
  }
}

/**
 * From Linux's `/proc/stat` (proc_stat(5)); null where it tells of no core. Guests' time is in the users' already.
 * @param allowed cores that may be used, in a container a few of the machine's; null means all
 */
export function parseCoreTimes(text: string, allowed: ReadonlySet<number> | null): CoreTimes | null {
  const lines = [...text.matchAll(/^cpu(\d+)((?: +\d+)+)/gm)].filter(([, core]) => allowed === null || allowed.has(Number(core)));
  return sumTimes(
    lines.map(([, , times = '']) => {
      const inMs = times
        .trim()
        .split(/ +/)
        .map((ticks) => (Number(ticks) / ticksPerSecond) * 1000);
      const [user = 0, nice = 0, sys = 0, idle = 0, waiting = 0, irq = 0, softIrq = 0, steal = 0] = inMs;
      return { user, nice, sys, idle, waiting, irq: irq + softIrq, steal };
    }),
  );
}

/** The cores of `/proc/PID/status`, written as "0-3,8"; null where it names none. */
export function parseCoreList(status: string): ReadonlySet<number> | null {
  const [, list] = /^Cpus_allowed_list:\s*([\d,-]+)\s*$/m.exec(status) ?? [];
  if (list === undefined) return null;
  return new Set(
    list.split(',').flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    }),
  );
}

interface TimesOfCore {
  readonly user: number;
  readonly nice: number;
  readonly sys: number;
  readonly irq: number;
  readonly idle: number;
  /** Idle while a disk is waited for. */
  readonly waiting: number;
  readonly steal: number | null;
}

function sumTimes(cores: readonly TimesOfCore[]): CoreTimes | null {
  if (cores.length === 0) return null;
  const sum = (of: (core: TimesOfCore) => number): number => cores.reduce((total, core) => total + of(core), 0);
  const busyMs = sum(({ user, nice, sys, irq }) => user + nice + sys + irq);
  const stealMs = cores.some(({ steal }) => steal === null) ? null : sum(({ steal }) => steal ?? 0);
  return { busyMs, stealMs, totalMs: busyMs + (stealMs ?? 0) + sum(({ idle, waiting }) => idle + waiting) };
}
