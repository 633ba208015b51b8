import { formatBytes } from '@precrop/sdk/core/units';
import type { CacheSizes, GpuDescription, HostDescription } from '../protocol/host-description.js';
import { describePower } from './power.js';

/** The description for people: a name and a line each. What the system did not tell is left out. */
export function describeHost(description: HostDescription): readonly (readonly [name: string, line: string])[] {
  const { cpu, gpus, adapters, memory, limits, deviceId } = description;
  return [
    ['Processor', toLine(cpu.model, toCores(description), toClock(description))],
    ...toRow('Instructions', cpu.simd?.join(' ')),
    ...toRow('Caches', toCaches(cpu.caches)),
    ['Graphics', gpus.length === 0 ? 'none that the system tells of' : gpus.map(toGpu).join('; ')],
    ...toRow(
      'Adapter',
      adapters.map(({ runtime, used, isSoftware }) => `${used} (${isSoftware ? 'a program on the CPU, ' : ''}${runtime})`).join('; '),
    ),
    ['Memory', toLine(formatBytes(memory.totalBytes), `${formatBytes(memory.availableBytes)} available`)],
    ['System', toSystem(description)],
    ['Power', toPower(description)],
    ['Device id', deviceId],
    ...limits.caps.map((cap) => ['Limit', cap] as const),
  ];
}

function toCores({ cpu, limits }: HostDescription): string {
  const { physicalCores, logicalCores } = cpu;
  const all = toCount(physicalCores ?? logicalCores, 'core');
  const threads = physicalCores !== null && physicalCores < logicalCores ? ` with ${logicalCores} threads` : '';
  return `${all}${threads}${limits.usableCores < logicalCores ? `, of which ${limits.usableCores} can be used` : ''}`;
}

function toClock({ cpu: { baseMhz, currentMhz, maxMhz, governor } }: HostDescription): string {
  const toGhz = (name: string, mhz: number | null): string | undefined =>
    mhz === null ? undefined : `${name} ${(mhz / 1000).toFixed(2)} GHz`;
  return toLine(
    toGhz('base', baseMhz),
    toGhz('now', currentMhz),
    toGhz('at most', maxMhz),
    governor === null ? undefined : `governor ${governor}`,
  );
}

function toCaches({ l1dBytes, l2Bytes, l3Bytes }: CacheSizes): string {
  const toText = (name: string, bytes: number | null): string | undefined => (bytes === null ? undefined : `${name} ${toKibibytes(bytes)}`);
  return toLine(toText('L1', l1dBytes), toText('L2', l2Bytes), toText('L3', l3Bytes));
}

function toGpu({ model, vendor, kind, vramBytes }: GpuDescription): string {
  const maker = vendor !== null && !model.toLowerCase().includes(vendor.toLowerCase()) ? `${vendor} ` : '';
  return toLine(`${maker}${model}`, kind ?? undefined, vramBytes === null ? undefined : formatBytes(vramBytes));
}

function toSystem({ os, limits: { container }, cpu: { isVirtual }, versions }: HostDescription): string {
  const name = [os.distro ?? os.platform, os.release, os.arch].filter((part) => part !== null).join(' ');
  const place = isVirtual ? 'in a virtual machine' : undefined;
  return toLine(name, place, container === null ? undefined : `in a container (${container})`, `Node ${versions['node']}`);
}

function toPower({ power, temperatureC }: HostDescription): string {
  const { profile, isSaving } = power;
  const charge = power.source === 'mains' && power.batteryPercent !== null ? `battery at ${power.batteryPercent} %` : undefined;
  return toLine(
    describePower(power),
    charge,
    profile === null ? undefined : `profile ${profile}`,
    isSaving ? 'saving power' : undefined,
    temperatureC === null ? undefined : `${Math.round(temperatureC)} °C`,
  );
}

function toRow(name: string, line: string | undefined): readonly (readonly [string, string])[] {
  return line ? [[name, line]] : [];
}

function toLine(...parts: readonly (string | undefined)[]): string {
  return parts.filter(Boolean).join(', ');
}

function toCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

// Caches come in powers of two.
function toKibibytes(bytes: number): string {
  return bytes >= 2 ** 20 ? `${Number((bytes / 2 ** 20).toFixed(2))} MiB` : `${bytes / 2 ** 10} KiB`;
}
