import { formatBytes } from '@precrop/sdk/core/units';
import { type HostBasics, loadBasics } from './basics.js';
import { describePower } from './power.js';

/** The machine and its state, for the conditions of a measurement. Nothing in it names a person, a host or a single device. */
export interface Host {
  /** CPU, cores and memory in words. */
  readonly device: string;
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  /** Undefined where the system does not tell. */
  readonly physicalCores: number | undefined;
  /** What this process may use: a container's limit where there is one. */
  readonly memoryBytes: number;
  readonly os: string;
  /** "mains", "battery 63 %" or "unknown". */
  readonly power: string;
  /** Of "node" and "precrop". */
  readonly versions: Readonly<Record<string, string>>;
}

/** Asks the system, for at most about half a second; what it does not tell by then stays out. `loadHostDescription` asks for more. */
export async function loadHost(): Promise<Host> {
  return toHost(await loadBasics({ patienceMs: 500 }));
}

/** The same in words, of what was asked before. */
export function toHost({ cpu, memory, limits, os, power, versions: { node = '', precrop = '' } }: HostBasics): Host {
  const cores = limits.usableCores;
  const memoryBytes = memory.limitBytes ?? memory.totalBytes;
  return {
    device: `${cpu.model}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${formatBytes(memoryBytes)}`,
    cpu: cpu.model,
    cores,
    physicalCores: cpu.physicalCores ?? undefined,
    memoryBytes,
    os: [os.distro ?? os.platform, os.release, os.arch].filter((part) => part !== null).join(' '),
    power: describePower(power),
    versions: { node, precrop },
  };
}
