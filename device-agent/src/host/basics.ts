import { arch, availableParallelism, freemem, release, totalmem } from 'node:os';
import type { HostDescription } from '../protocol/host-description.js';
import { askBattery, askOs, askProcessor, type OsAnswer } from './ask-system.js';
import { readContainer } from './container.js';
import { readCpu } from './cpu.js';
import { readGroupLimits } from './group-limits.js';
import { readAllowedCores, toLimits } from './limits.js';
import { toMemory } from './memory.js';
import { readOwnVersions } from './own-versions.js';
import { toPower } from './power.js';
import { type ReadText, readText } from './read-text.js';

/** What is told at once, or soon: every command says it. */
export type HostBasics = Pick<HostDescription, 'cpu' | 'os' | 'power' | 'memory' | 'limits' | 'versions'>;

export interface BasicsOptions {
  /** For how long to wait for an answer; what did not come by then is null. */
  readonly patienceMs?: number;
  /** Where it is known better than by Node. */
  readonly availableBytes?: Promise<number | undefined>;
}

export async function loadBasics({ patienceMs, availableBytes }: BasicsOptions = {}): Promise<HostBasics> {
  const [processor, system, battery, available] = await Promise.all([
    askProcessor(patienceMs),
    askOs(patienceMs),
    askBattery(patienceMs),
    availableBytes,
  ]);
  const cpu = readCpu(processor, readText);
  return {
    cpu,
    os: toOs(system),
    power: toPower(battery),
    ...readCaps(readText, cpu.logicalCores, available ?? freemem()),
    versions: readOwnVersions(),
  };
}

function readCaps(read: ReadText, logicalCores: number, availableBytes: number): Pick<HostBasics, 'memory' | 'limits'> {
  const groups = readGroupLimits(read);
  const totalBytes = totalmem();
  const memory = toMemory({
    totalBytes,
    availableBytes,
    groupBytes: groups.memoryBytes,
    groupLeftBytes: groups.memoryLeftBytes,
    constrainedBytes: process.constrainedMemory(),
  });
  const limits = toLimits({
    logicalCores,
    parallelism: availableParallelism(),
    allowedCores: readAllowedCores(read),
    quotaCores: groups.quotaCores,
    totalBytes,
    limitBytes: memory.limitBytes,
    container: process.platform === 'linux' ? readContainer({ read, variables: process.env }) : null,
  });
  return { memory, limits };
}

function toOs(answer: OsAnswer | undefined): HostDescription['os'] {
  return {
    platform: process.platform,
    distro: answer?.distro || null,
    release: answer?.release || null,
    kernel: /^\d+(\.\d+)*/.exec(release())?.[0] ?? null,
    arch: arch(),
  };
}
