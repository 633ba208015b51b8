import { z } from 'zod';
import { UsageError } from '../core/errors.js';

/** What a network took, as medians say it. Raw samples are in the order in which they were taken. */
export interface ProfileTiming {
  /** A name of the registry: `resnet-20`. */
  readonly network: string;
  /** Width group → channels; groups that are left out have the original's. */
  readonly widths: Readonly<Record<string, number>>;
  readonly batch: number;
  /** Its widths were drawn at random, and not for how little was known of them: what the others say of it is as far off as usual. */
  readonly isRandom: boolean;
  /** How the cores stood meanwhile. */
  readonly cores: CoreStanding;
  readonly medianMs: number;
  /** The median's 95 % interval. */
  readonly lowMs: number;
  readonly highMs: number;
  /** Median absolute deviation. */
  readonly madMs: number;
  readonly samplesMs: readonly number[];
  readonly verdict: 'valid' | 'noisy' | 'invalid';
}

/** Highest resident memory of a fresh process that loads a network and runs it, over what the bare process had, bytes. */
export interface ProfileMemory {
  readonly network: string;
  readonly widths: Readonly<Record<string, number>>;
  readonly batch: number;
  readonly peakBytes: number;
  /** One a process. */
  readonly samplesBytes: readonly number[];
}

/** How a step of one channel shows: one small network at neighbouring widths. */
export interface AlignmentSweep {
  readonly batch: number;
  readonly points: readonly { readonly channels: number; readonly medianMs: number }[];
}

/** What was measured of one runtime, or of the backend that trains. */
export interface EngineProfile {
  /** A name of the runtimes' or the backends' registry. */
  readonly engine: string;
  readonly version: string;
  readonly threads: number;
  /** What starting one kernel takes, ms: a first guess, which the timings correct. */
  readonly callMs: number;
  /** The engine itself with the smallest of networks, over a bare process, bytes. */
  readonly baseBytes: number;
  readonly timings: readonly ProfileTiming[];
  readonly memory: readonly ProfileMemory[];
  readonly sweep?: AlignmentSweep | undefined;
}

/**
 * How the cores stand against the state that a profile was made in: as then; a handshake takes clearly shorter or longer; or both are threads of one
 * core, and it takes longer to compute.
 */
export const coreStandings = ['usual', 'near', 'far', 'shared'] as const;
export type CoreStanding = (typeof coreStandings)[number];

/** How two cores stand to each other, which the host of a virtual machine changes. */
export interface CoreState {
  /** Through memory, there and back, ns: threads wait for each other that long. */
  readonly handshakeNs: number;
  /** How many times as long both take for the same work as one alone: 1 on cores of their own, towards 2 where they share one. */
  readonly sharing: number;
}

/**
 * What was measured of a device: whole networks at random widths. What their kernels take follows from them (`createCostModel`), in the state in
 * which caches and threads really are.
 */
export interface DeviceProfile {
  readonly schemaVersion: 4;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly seconds: number;
  readonly extent: 'quick' | 'default' | 'deep';
  /** A salted hash: the same device gives the same. */
  readonly deviceId: string;
  /** The device in words. */
  readonly device: string;
  /** CPU, GPUs, memory, limits, power, versions: `HostDescription` of the agent's protocol. */
  readonly host: Readonly<Record<string, unknown>>;
  readonly machine: {
    /** Of large matrix products on all threads. */
    readonly peakGflops: number;
    readonly bandwidthGbPerS: number;
    /** How its two cores stood to each other at the time; null with one core, and with more than two, of which two say little. */
    readonly cores: CoreState | null;
  };
  /** The fastest engine first. */
  readonly inference: readonly EngineProfile[];
  readonly training: readonly EngineProfile[];
  readonly verdict: 'valid' | 'noisy' | 'invalid';
  /** Sentences; empty when valid. */
  readonly reasons: readonly string[];
}

const version = 4;
const whole = z.int().positive();
const positive = z.number().positive();
const words = z.string().min(1);
const verdict = z.enum(['valid', 'noisy', 'invalid']);
const widths = z.record(z.string(), whole);

const timing: z.ZodType<ProfileTiming> = z.strictObject({
  network: words,
  widths,
  batch: whole,
  isRandom: z.boolean(),
  cores: z.enum(coreStandings),
  medianMs: positive,
  lowMs: z.number().nonnegative(),
  highMs: positive,
  madMs: z.number().nonnegative(),
  samplesMs: z.array(z.number()),
  verdict,
});

export const engineProfileSchema: z.ZodType<EngineProfile> = z.strictObject({
  engine: words,
  version: z.string(),
  threads: whole,
  callMs: positive,
  baseBytes: z.number().nonnegative(),
  timings: z.array(timing),
  memory: z.array(z.strictObject({ network: words, widths, batch: whole, peakBytes: positive, samplesBytes: z.array(positive) })),
  sweep: z.strictObject({ batch: whole, points: z.array(z.strictObject({ channels: whole, medianMs: positive })) }).optional(),
});

export const deviceProfileSchema: z.ZodType<DeviceProfile> = z.strictObject({
  schemaVersion: z.literal(version),
  createdAt: z.iso.datetime({ offset: true }),
  seconds: positive,
  extent: z.enum(['quick', 'default', 'deep']),
  deviceId: words,
  device: words,
  host: z.record(z.string(), z.unknown()),
  machine: z.strictObject({
    peakGflops: positive,
    bandwidthGbPerS: positive,
    cores: z.strictObject({ handshakeNs: positive, sharing: z.number().min(1) }).nullable(),
  }),
  inference: z.array(engineProfileSchema).min(1),
  training: z.array(engineProfileSchema),
  verdict,
  reasons: z.array(words),
});

/** Turns a profile of a version into one of the next. */
const migrations: Readonly<Record<number, (older: Loose) => Loose>> = {
  // How far apart the cores were was not asked in version 1, at first.
  1: ({ machine, ...rest }) => ({ ...rest, schemaVersion: 2, machine: { handshakeNs: null, ...(machine as object) } }),
  // Whether they shared a core was not asked in version 2.
  2: ({ machine, ...rest }) => {
    const { handshakeNs = null, ...others } = (machine ?? {}) as { readonly handshakeNs?: unknown };
    return { ...rest, schemaVersion: 3, machine: { ...others, cores: handshakeNs === null ? null : { handshakeNs, sharing: 1 } } };
  },
  // Which networks were drawn at random, and how the cores stood, was not said in version 3.
  3: ({ inference, training, ...rest }) => {
    const toEngines = (engines: unknown) =>
      changeEach(engines, ({ timings, ...others }) => ({
        ...others,
        timings: changeEach(timings, (each) => ({ ...each, isRandom: false, cores: 'usual' })),
      }));
    return { ...rest, schemaVersion: 4, inference: toEngines(inference), training: toEngines(training) };
  },
};

type Loose = Readonly<Record<string, unknown>>;

/** What is no list of objects stays as it is: the check of the whole will say so. */
function changeEach(list: unknown, change: (each: Loose) => Loose): unknown {
  return Array.isArray(list) ? list.map((each) => (typeof each === 'object' && each !== null ? change(each as Loose) : each)) : list;
}

/** @throws UsageError for what is no profile, or one of a version that this release does not know, with the first thing that is wrong. */
export function parseDeviceProfile(data: unknown, source = 'The profile'): DeviceProfile {
  const { schemaVersion } = z.looseObject({ schemaVersion: z.int().optional() }).catch({}).parse(data);
  if (typeof data !== 'object' || data === null || schemaVersion === undefined) {
    throw new UsageError(`${source} is no device profile: it has no schemaVersion. Make one with precrop profile.`);
  }
  let current = data as Loose;
  for (let from = schemaVersion; from !== version; from++) {
    const migrate = migrations[from];
    if (!migrate) {
      throw new UsageError(
        `${source} is of schema version ${schemaVersion}, and this release reads versions 1 to ${version}. Update PreCrop, or make it anew with precrop profile.`,
      );
    }
    current = migrate(current);
  }
  const parsed = deviceProfileSchema.safeParse(current);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `at "${issue.path.join('.')}": ` : '';
  throw new UsageError(`${source} is damaged ${where}${issue?.message ?? 'it cannot be read'}. Make it anew with precrop profile.`);
}
