import { findGroupFolders } from './control-groups.js';
import type { ReadText } from './read-text.js';

/** What the control groups allow a process; null where they set no limit. */
export interface GroupLimits {
  readonly memoryBytes: number | null;
  /** What is left of it, without files that the system would give up. */
  readonly memoryLeftBytes: number | null;
  /** Processor time, in cores. */
  readonly quotaCores: number | null;
}

/** Of each kind the least: a group may allow more than the one around it. */
export function readGroupLimits(read: ReadText): GroupLimits {
  const cgroup = read('/proc/self/cgroup') ?? '';
  const mountinfo = read('/proc/self/mountinfo') ?? '';
  const memory = readEach(read, cgroup, mountinfo, 'memory', { 1: readMemory1, 2: readMemory2 });
  const quotas = readEach(read, cgroup, mountinfo, 'cpu', { 1: readQuota1, 2: readQuota2 });
  return {
    memoryBytes: least(memory.map(({ limit }) => limit)),
    memoryLeftBytes: least(memory.map(({ limit, used }) => (limit === null ? null : Math.max(0, limit - used)))),
    quotaCores: least(quotas),
  };
}

type ReadFile = (name: string) => string | null;

interface GroupMemory {
  readonly limit: number | null;
  readonly used: number;
}

function readEach<T>(
  read: ReadText,
  cgroup: string,
  mountinfo: string,
  controller: string,
  readers: Readonly<Record<1 | 2, (file: ReadFile) => T>>,
): readonly T[] {
  const found = findGroupFolders(controller, cgroup, mountinfo);
  return found?.folders.map((folder) => readers[found.version]((name) => read(`${folder}/${name}`))) ?? [];
}

function readMemory1(file: ReadFile): GroupMemory {
  return { limit: parseLimit(file('memory.limit_in_bytes')), used: parseUse(file('memory.usage_in_bytes'), file('memory.stat')) };
}

function readMemory2(file: ReadFile): GroupMemory {
  // Above `high`, a process is slowed down until it gives memory back: no room to plan with.
  const limit = least([parseLimit(file('memory.max')), parseLimit(file('memory.high'))]);
  return { limit, used: parseUse(file('memory.current'), file('memory.stat')) };
}

function readQuota1(file: ReadFile): number | null {
  return toCores(Number(file('cpu.cfs_quota_us') ?? -1), Number(file('cpu.cfs_period_us') ?? 0));
}

/** "150000 100000" → 1.5; "max 100000" → null. */
function readQuota2(file: ReadFile): number | null {
  const [quota, period] = (file('cpu.max') ?? 'max').trim().split(' ').map(Number);
  return toCores(quota ?? Number.NaN, period ?? Number.NaN);
}

function toCores(quotaUs: number, periodUs: number): number | null {
  return quotaUs > 0 && periodUs > 0 ? quotaUs / periodUs : null;
}

/** Bytes; "max", and version 1's number for it, are no limit. */
function parseLimit(text: string | null): number | null {
  const bytes = Number(text?.trim() || Number.NaN);
  return bytes > 0 && bytes < 2 ** 60 ? bytes : null;
}

function parseUse(current: string | null, stat: string | null): number {
  const files = /^(?:total_)?inactive_file (\d+)$/m;
  const total = /^total_inactive_file (\d+)$/m; // version 1: with the groups inside
  const idle = (total.exec(stat ?? '') ?? files.exec(stat ?? ''))?.[1];
  return Math.max(0, Number(current ?? 0) - Number(idle ?? 0));
}

function least(values: readonly (number | null)[]): number | null {
  return values.reduce((best, value) => (value !== null && (best === null || value < best) ? value : best), null);
}
