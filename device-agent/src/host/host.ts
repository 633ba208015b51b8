import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, totalmem } from 'node:os';
import { formatBytes } from '@precrop/sdk/core/units';
import { battery, cpu, osInfo } from 'systeminformation';

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

/** Asks the system, for at most about half a second; what it does not tell by then stays out. */
export async function loadHost(): Promise<Host> {
  const [processor, system, power] = await Promise.all([within(cpu()), within(osInfo()), within(battery())]);
  const model = cpus()[0]?.model.trim();
  const name = model || [processor?.manufacturer, processor?.brand].filter(Boolean).join(' ') || `${arch()} CPU`;
  const cores = availableParallelism();
  const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  return {
    device: `${name}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${formatBytes(memoryBytes)}`,
    cpu: name,
    cores,
    physicalCores: processor?.physicalCores || undefined,
    memoryBytes,
    os: system ? `${system.distro} ${system.release} ${system.arch}` : `${process.platform} ${arch()}`,
    power: describePower(power),
    versions: { node: process.versions.node, precrop: readVersion() },
  };
}

/** What systeminformation says of the power supply, in words. */
export function describePower(
  state: { readonly hasBattery: boolean; readonly acConnected: boolean; readonly percent: number } | undefined,
): string {
  if (!state) return 'unknown';
  return state.hasBattery && !state.acConnected ? `battery ${Math.round(state.percent)} %` : 'mains';
}

const patienceMs = 500;

/** The answer, or undefined where it fails or takes too long. */
async function within<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceMs, undefined);
  });
  try {
    return await Promise.race([answer, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function readVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}
