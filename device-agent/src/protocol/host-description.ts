import { z } from 'zod';

/**
 * What a device is and the state it is in: part of every device profile, which leaves the device. It names no person, host, path or serial. What the
 * system does not tell is null.
 */
export interface HostDescription {
  /** 16 hex digits: the salted hash of what the system is known by. The same at every call, and no way back from it. */
  readonly deviceId: string;
  /** `machine`: of an id that the system keeps. `facts`: of its processor and memory alone, so that devices of one model may share it. */
  readonly deviceIdFrom: 'machine' | 'facts';
  readonly cpu: CpuDescription;
  readonly gpus: readonly GpuDescription[];
  /** Empty until a runtime that computes on graphics was asked. */
  readonly adapters: readonly AdapterUse[];
  readonly memory: MemoryDescription;
  readonly limits: LimitsDescription;
  readonly os: OsDescription;
  readonly power: PowerDescription;
  readonly temperatureC: number | null;
  /** Of "node", "precrop" and the libraries that were found. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface CpuDescription {
  /** "AMD", "Intel", "Apple", … */
  readonly vendor: string | null;
  readonly model: string;
  readonly physicalCores: number | null;
  readonly logicalCores: number;
  readonly caches: CacheSizes;
  /** Of the names in host/simd.ts, those that the processor has. */
  readonly simd: readonly string[] | null;
  readonly baseMhz: number | null;
  readonly currentMhz: number | null;
  readonly maxMhz: number | null;
  /** "performance", "schedutil", …; several where cores differ. */
  readonly governor: string | null;
  readonly isVirtual: boolean | null;
}

/** As one core sees them: its own first levels, and the last one that it shares with others. */
export interface CacheSizes {
  readonly l1dBytes: number | null;
  readonly l1iBytes: number | null;
  readonly l2Bytes: number | null;
  readonly l3Bytes: number | null;
}

export interface GpuDescription {
  readonly vendor: string | null;
  readonly model: string;
  readonly kind: 'integrated' | 'discrete' | 'virtual' | null;
  /** The GPU's own memory. Null where it uses the machine's, which is counted there. */
  readonly vramBytes: number | null;
}

/** What a runtime asked for and got, when it computes on graphics. */
export interface AdapterUse {
  /** Such as "tfjs/webgpu". */
  readonly runtime: string;
  /** Model of the GPU that "the fastest one" means here. */
  readonly requested: string | null;
  /** The adapter that answered, in the runtime's words. */
  readonly used: string;
  /** Its model in `gpus`; null for a program on the CPU, and where several may be meant. */
  readonly usedModel: string | null;
  /** The adapter is a program on the CPU. */
  readonly isSoftware: boolean;
}

export interface MemoryDescription {
  readonly totalBytes: number;
  /** At this moment, for this process. */
  readonly availableBytes: number;
  /** Of the control groups that this process is in, the least; null where they allow as much as there is. */
  readonly limitBytes: number | null;
  /** The least of these. */
  readonly budgetBytes: number;
}

export interface LimitsDescription {
  /** "docker", "kubernetes", …; null outside of a container. */
  readonly container: ContainerKind | null;
  /** Processor time that the control groups allow, in cores: 1.5. */
  readonly quotaCores: number | null;
  /** Cores of the CPU set or affinity. */
  readonly allowedCores: number | null;
  /** Threads that can run at once: the least of all of these, at least one. */
  readonly usableCores: number;
  /** A sentence for each cap in force. */
  readonly caps: readonly string[];
}

export const containerKinds = ['docker', 'podman', 'kubernetes', 'containerd', 'lxc', 'systemd-nspawn', 'wsl', 'other'] as const;
export type ContainerKind = (typeof containerKinds)[number];

export interface OsDescription {
  /** As Node names it: "linux", "darwin", "win32". */
  readonly platform: string;
  readonly distro: string | null;
  readonly release: string | null;
  /** Numbers alone: a kernel of one's own making may have its maker's name after them. */
  readonly kernel: string | null;
  readonly arch: string;
}

export interface PowerDescription {
  readonly source: 'mains' | 'battery' | 'unknown';
  /** Null without a battery. */
  readonly batteryPercent: number | null;
  /** The system holds back to save power. */
  readonly isSaving: boolean | null;
  /** The system's own word: "balanced", "low-power", … */
  readonly profile: string | null;
}

const words = z.string().min(1);
const count = z.number().int().positive();
const bytes = z.number().int().nonnegative();
const mhz = z.number().positive();

export const hostDescriptionSchema: z.ZodType<HostDescription> = z.strictObject({
  deviceId: z.string().regex(/^[0-9a-f]{16}$/),
  deviceIdFrom: z.enum(['machine', 'facts']),
  cpu: z.strictObject({
    vendor: words.nullable(),
    model: words,
    physicalCores: count.nullable(),
    logicalCores: count,
    caches: z.strictObject({
      l1dBytes: count.nullable(),
      l1iBytes: count.nullable(),
      l2Bytes: count.nullable(),
      l3Bytes: count.nullable(),
    }),
    simd: z.array(words).nullable(),
    baseMhz: mhz.nullable(),
    currentMhz: mhz.nullable(),
    maxMhz: mhz.nullable(),
    governor: words.nullable(),
    isVirtual: z.boolean().nullable(),
  }),
  gpus: z.array(
    z.strictObject({
      vendor: words.nullable(),
      model: words,
      kind: z.enum(['integrated', 'discrete', 'virtual']).nullable(),
      vramBytes: count.nullable(),
    }),
  ),
  adapters: z.array(
    z.strictObject({
      runtime: words,
      requested: words.nullable(),
      used: words,
      usedModel: words.nullable(),
      isSoftware: z.boolean(),
    }),
  ),
  memory: z.strictObject({ totalBytes: count, availableBytes: bytes, limitBytes: count.nullable(), budgetBytes: bytes }),
  limits: z.strictObject({
    container: z.enum(containerKinds).nullable(),
    quotaCores: z.number().positive().nullable(),
    allowedCores: count.nullable(),
    usableCores: count,
    caps: z.array(words),
  }),
  os: z.strictObject({
    platform: words,
    distro: words.nullable(),
    release: words.nullable(),
    kernel: words.nullable(),
    arch: words,
  }),
  power: z.strictObject({
    source: z.enum(['mains', 'battery', 'unknown']),
    batteryPercent: z.number().min(0).max(100).nullable(),
    isSaving: z.boolean().nullable(),
    profile: words.nullable(),
  }),
  temperatureC: z.number().nullable(),
  versions: z.record(z.string(), z.string()),
});
