import { formatBytes } from '@precrop/sdk/core/units';
import type { ContainerKind, LimitsDescription } from '../protocol/host-description.js';
import type { ReadText } from './read-text.js';

/** What is known of how much of the machine a process may use. */
export interface LimitFacts {
  readonly logicalCores: number;
  /** Node's count. Newer ones have the quota in it already. */
  readonly parallelism: number;
  readonly allowedCores: number | null;
  readonly quotaCores: number | null;
  readonly totalBytes: number;
  readonly limitBytes: number | null;
  readonly container: ContainerKind | null;
}

/** How many threads can run at once, and a sentence for each cap. */
export function toLimits(facts: LimitFacts): LimitsDescription {
  const { logicalCores, parallelism, quotaCores, container } = facts;
  const allowedCores = facts.allowedCores === null ? null : Math.min(facts.allowedCores, logicalCores);
  const usableCores = toUsableCores({ parallelism: Math.min(logicalCores, parallelism), allowedCores, quotaCores });
  return { container, quotaCores, allowedCores, usableCores, caps: listCaps({ ...facts, allowedCores }) };
}

/** How many threads can run at once. A core and a half of time is one thread: two of them would be stopped and started. */
export function toUsableCores({
  parallelism,
  allowedCores,
  quotaCores,
}: Pick<LimitFacts, 'parallelism' | 'allowedCores' | 'quotaCores'>): number {
  return Math.max(1, Math.floor(Math.min(parallelism, allowedCores ?? Number.POSITIVE_INFINITY, quotaCores ?? Number.POSITIVE_INFINITY)));
}

/** How many cores /proc/self/status lets a process run on: of "0-3,8", 5. Null where it says nothing. */
export function readAllowedCores(read: ReadText): number | null {
  const list = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(read('/proc/self/status') ?? '')?.[1];
  if (list === undefined) return null;
  return list.split(',').reduce((count, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return count + last - first + 1;
  }, 0);
}

function listCaps({ logicalCores, allowedCores, quotaCores, totalBytes, limitBytes, container }: LimitFacts): readonly string[] {
  const who = container === null ? 'its control group' : 'its container';
  const caps: string[] = [];
  if (allowedCores !== null && allowedCores < logicalCores) {
    caps.push(`This process may run on ${allowedCores} of ${logicalCores} cores.`);
  }
  if (quotaCores !== null && quotaCores < logicalCores) {
    const time = Number(quotaCores.toFixed(2));
    caps.push(`This process gets the time of ${time} ${time === 1 ? 'core' : 'cores'} out of ${logicalCores}, a limit of ${who}.`);
  }
  if (limitBytes !== null) {
    caps.push(`This process may use ${formatBytes(limitBytes)} of ${formatBytes(totalBytes)} of memory, a limit of ${who}.`);
  }
  return caps;
}
