import { listNames, type ReadText } from './read-text.js';

/** The processor's clock, as far as the system tells. */
export interface Clock {
  readonly baseMhz: number | null;
  readonly currentMhz: number | null;
  readonly maxMhz: number | null;
  readonly governor: string | null;
}

const folder = '/sys/devices/system/cpu/cpufreq';

/**
 * @param model the processor's name, in which Intel's says the base clock: "… CPU @ 2.40GHz"
 * @param coreMhz of each core as Node tells: on Linux what it runs at now, on Windows and on Intel's Macs the base clock
 */
export function readClock(
  {
    model,
    coreMhz,
    platform,
    arch,
  }: { readonly model: string; readonly coreMhz: readonly number[]; readonly platform: string; readonly arch: string },
  read: ReadText,
  policies: readonly string[] = listNames(folder),
): Clock {
  const told = Math.max(0, ...coreMhz) || null;
  const isBase = platform === 'win32' || (platform === 'darwin' && arch === 'x64'); // Apple's own have one invented by Node
  const khz = (name: string): number | null => largest(policies.map((policy) => parseKhz(read(`${folder}/${policy}/${name}`))));
  return {
    baseMhz: khz('base_frequency') ?? parseClockOfModel(model) ?? (isBase ? told : null),
    currentMhz: khz('scaling_cur_freq') ?? parseCpuinfoClock(read('/proc/cpuinfo')) ?? (platform === 'linux' ? told : null),
    maxMhz: khz('cpuinfo_max_freq'),
    governor: toGovernor(policies.map((policy) => read(`${folder}/${policy}/scaling_governor`))),
  };
}

/** "Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz" → 2400. */
export function parseClockOfModel(model: string): number | null {
  const match = /@\s*([\d.]+)\s*GHz/i.exec(model);
  return match ? Math.round(Number(match[1]) * 1000) : null;
}

/** Of lines such as "cpu MHz : 2596.100", the core that runs fastest; in a virtual machine they say what the machine is sold as. */
export function parseCpuinfoClock(cpuinfo: string | null): number | null {
  return largest([...(cpuinfo ?? '').matchAll(/^cpu MHz\s*:\s*([\d.]+)/gm)].map(([, mhz]) => Math.round(Number(mhz))));
}

/** The governors of all clusters of cores, each once: "schedutil", or "performance, powersave". */
export function toGovernor(texts: readonly (string | null)[]): string | null {
  const names = texts.flatMap((text) => /^[a-z_]+$/.exec(text?.trim() ?? '')?.[0] ?? []);
  return [...new Set(names)].sort().join(', ') || null;
}

function parseKhz(text: string | null): number | null {
  const khz = Number(text ?? 0);
  return khz > 0 ? Math.round(khz / 1000) : null;
}

function largest(values: readonly (number | null)[]): number | null {
  return Math.max(0, ...values.map((value) => value ?? 0)) || null;
}
