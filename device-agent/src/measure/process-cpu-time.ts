import { readFileSync } from 'node:fs';

/** A process whose work is ours. A worker's handle is one. */
export interface OwnProcess {
  readonly pid: number;
  /** What the process says itself; asked where the system tells nothing of other processes. */
  readonly cpuTimeMs?: () => Promise<number>;
}

/** Clock ticks of Linux's /proc a second: USER_HZ, which is 100 on every architecture that Node runs on. */
export const ticksPerSecond = 100;

/**
 * CPU time that this process, its ended children and the processes named took since they started, ms; null where a process does not tell. On
 * Linux the time of one that ends goes to the process that waits for it, so that the sum goes on as if nothing had happened.
 */
export async function loadOwnCpuMs(processes: readonly OwnProcess[]): Promise<number | null> {
  return readTicksOf('self') === null ? askProcesses(processes) : readProcesses(processes);
}

/**
 * Ticks that a process and its ended children took, from its `/proc/PID/stat` (Linux, proc_pid_stat(5), fields 14 to 17); null where the text
 * is none. The second field is a name in brackets, which may hold spaces and brackets itself.
 */
export function parseProcessTicks(text: string): number | null {
  const fields = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/)
    .slice(11, 15)
    .map(Number);
  return fields.length === 4 && fields.every(Number.isFinite) ? fields.reduce((sum, ticks) => sum + ticks, 0) : null;
}

/** Of this process alone, of all its threads. */
export function measureOwnCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function readProcesses(processes: readonly OwnProcess[]): number {
  const ticks = ['self', ...processes.map(({ pid }) => `${pid}`)].map((pid) => readTicksOf(pid) ?? 0);
  return (ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond) * 1000;
}

async function askProcesses(processes: readonly OwnProcess[]): Promise<number | null> {
  const told = await Promise.all(processes.map((each) => each.cpuTimeMs?.().catch(() => null) ?? null));
  return told.reduce<number | null>((sum, each) => (sum === null || each === null ? null : sum + each), measureOwnCpuMs());
}

/** Null where there is no such process, or no /proc. */
function readTicksOf(pid: string): number | null {
  if (process.platform !== 'linux') return null;
  try {
    return parseProcessTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null;
  }
}
