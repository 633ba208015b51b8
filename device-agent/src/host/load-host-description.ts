import type { CpuDescription, HostDescription } from '../protocol/host-description.js';
import { askProgram } from './ask-program.js';
import { askAvailableBytes, askIsVirtual, askMachineId, askTemperature } from './ask-system.js';
import { loadBasics } from './basics.js';
import { toDeviceId } from './device-id.js';
import { loadGpus } from './gpus.js';
import { loadPowerMode } from './power.js';
import { readText } from './read-text.js';
import { parseSysctlSimd } from './simd.js';
import { loadVersions } from './versions.js';

export interface HostDescriptionOptions {
  /** A fleet's own, so that its device ids mean nothing elsewhere. */
  readonly salt?: string;
}

/**
 * Everything that the device profile says of this machine, in one or two seconds: each question has its own limit, and what is not told by then is
 * null. Only the question by which the device is known waits longer, for the device must not change its id when it is busy.
 */
export async function loadHostDescription({ salt }: HostDescriptionOptions = {}): Promise<HostDescription> {
  const [basics, more, gpus, machineId, mode, temperature, versions] = await Promise.all([
    loadBasics({ availableBytes: askAvailableBytes() }),
    loadMoreOfCpu(),
    loadGpus(),
    loadMachineId(),
    loadPowerMode(),
    askTemperature(),
    loadVersions(),
  ]);
  const { memory, limits } = basics;
  const cpu = { ...basics.cpu, simd: basics.cpu.simd ?? more.simd, isVirtual: basics.cpu.isVirtual ?? more.isVirtual };
  const facts = [
    cpu.model,
    `${cpu.logicalCores} cores`,
    `${Math.round(memory.totalBytes / 2 ** 30)} GiB`,
    basics.os.platform,
    basics.os.arch,
  ];
  return {
    ...toDeviceId({ machineId, isContainer: limits.container !== null, facts }, salt),
    ...basics,
    cpu,
    gpus,
    adapters: [],
    power: { ...basics.power, ...mode },
    temperatureC: toTemperature(temperature),
    versions,
  };
}

/** What other systems than Linux do not say in a file. */
async function loadMoreOfCpu(): Promise<Pick<CpuDescription, 'simd' | 'isVirtual'>> {
  const [features, isVirtual] = await Promise.all([
    process.platform === 'darwin' ? askProgram('sysctl', ['hw.optional']) : null,
    process.platform === 'linux' ? null : askIsVirtual(),
  ]);
  return { simd: parseSysctlSimd(features), isVirtual: isVirtual ?? null };
}

async function loadMachineId(): Promise<string | null> {
  const file = process.platform === 'linux' ? (readText('/etc/machine-id') ?? readText('/var/lib/dbus/machine-id')) : null;
  return file?.trim() || ((await askMachineId()) ?? null);
}

/** Some sensors say 0 for unknown. */
function toTemperature(celsius: number | undefined): number | null {
  return celsius !== undefined && celsius > 0 && celsius < 150 ? celsius : null;
}
