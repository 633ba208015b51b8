import { arch, availableParallelism, cpus } from 'node:os';
import type { CpuDescription } from '../protocol/host-description.js';
import type { ProcessorAnswer } from './ask-system.js';
import { readCaches, toCaches } from './caches.js';
import { readClock } from './clock.js';
import type { ReadText } from './read-text.js';
import { parseCpuinfoSimd } from './simd.js';
import { toVendor } from './vendor.js';
import { readIsVirtual } from './virtual-machine.js';

/** The processor from what systeminformation, Node and Linux's files say of it. */
export function readCpu(answer: ProcessorAnswer | undefined, read: ReadText, platform: string = process.platform): CpuDescription {
  const cores = cpus();
  const logicalCores = cores.length || availableParallelism(); // Android hides its cores
  const model = toModel(cores[0]?.model, answer);
  const clock = readClock({ model, coreMhz: cores.map(({ speed }) => speed), platform, arch: arch() }, read);
  const maxMhz = answer?.speedMax && answer.speedMax > 0 ? Math.round(answer.speedMax * 1000) : null;
  return {
    vendor: toVendor(answer?.manufacturer, model),
    model,
    physicalCores: answer?.physicalCores || null,
    logicalCores,
    caches: readCaches(read, logicalCores) ?? toCaches(answer, platform),
    simd: parseCpuinfoSimd(read('/proc/cpuinfo')),
    ...clock,
    maxMhz: clock.maxMhz ?? maxMhz,
    isVirtual: platform === 'linux' ? readIsVirtual(read) : null,
  };
}

/** The processor's name in Node's words, else in systeminformation's: on ARM, Node often knows none. */
export function toModel(told: string | undefined, answer: Pick<ProcessorAnswer, 'manufacturer' | 'brand'> | undefined): string {
  const name = told?.replace(/\s+/g, ' ').trim();
  if (name && name.toLowerCase() !== 'unknown') return name;
  return [answer?.manufacturer, answer?.brand].filter(Boolean).join(' ') || `${arch()} CPU`;
}
