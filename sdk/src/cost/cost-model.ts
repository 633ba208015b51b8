import { UsageError } from '../core/errors.js';
import { once } from '../core/once.js';
import type { Architecture } from '../ir/architecture.js';
import type { DeviceProfile, EngineProfile } from './device-profile.js';
import { calibrateDeviations, usualReach } from './error-bars.js';
import type { MachineRates } from './kernel-prior.js';
import { type Kernel, type Purpose, toKernels } from './kernels.js';
import { countMemoryParts, fitMemoryModel, type MemoryLine } from './memory-model.js';
import { findOutside, toTimedRanges } from './outside.js';
import { toObservations, toTimings } from './profiled-timings.js';
import { fitTimeModel, late, type TimeModel, type Timing } from './time-model.js';

/** A prediction: the truth lies between `low` and `high` in `statedCoverage` of all cases. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How often the truth lies within an estimate's bounds. */
export const statedCoverage = 0.9;

/**
 * Standard deviation of a machine's speed from the minutes of its profile to those in which it is asked for, which no timing of the profile can show:
 * in four benchmarks on a shared server inference of all networks was 0.5 to 1.5 % slower or faster than in the profile before it, and training, which
 * needs the memory that others need as well, 0.4 to 5.5 %. What was measured of late knows.
 */
const drifts: Readonly<Record<Purpose, number>> = { inference: 0.015, training: 0.03 };

/** How far predictions usually are off, in the deviations that their models say: over eight benchmarks on one server. */
const usualSpreads: Readonly<Record<Purpose | 'memory', number>> = { inference: 0.57, training: 0.75, memory: 1.03 };

/** What one engine's networks cost: of a device's profile, or of anything else that answers. */
export interface EngineCosts {
  readonly engine: string;
  /** That it was profiled with. */
  readonly threads: number;
  readonly purpose: Purpose;
  /** Milliseconds of a batch. */
  estimateMs(architecture: Architecture, batch: number): Estimate;
  /** Milliseconds of one kernel, of which a network's are the sum times `factorOf(name)`: what a search adds up. */
  kernelMs(kernel: Kernel, batch: number): number;
  factorOf(network: string): number;
  /** Peak memory of the process over a bare one, bytes. Training has none. */
  estimateBytes(architecture: Architecture, batch: number): Estimate;
  /** The same as a line over the parts. */
  readonly memory: MemoryLine;
  /** Sentences on what lies outside of what was measured; none where all lies inside. */
  findOutside(architecture: Architecture, batch: number): readonly string[];
}

export interface CostModel {
  readonly inference: readonly EngineCosts[];
  readonly training: readonly EngineCosts[];
}

/** A network that was measured after the profile was: the model is held to it. */
export interface Correction {
  readonly engine: string;
  readonly purpose: Purpose;
  readonly architecture: Architecture;
  readonly batch: number;
  /** A median, and its standard error as a fraction. */
  readonly ms?: { readonly median: number; readonly relativeError: number } | undefined;
  readonly peakBytes?: number | undefined;
}

/** What this device's networks cost, from its profile and from what was measured since. */
export function createCostModel(profile: DeviceProfile, corrections: readonly Correction[] = []): CostModel {
  const create = (engine: EngineProfile, purpose: Purpose): EngineCosts =>
    createEngineCosts(
      profile,
      engine,
      purpose,
      corrections.filter((each) => each.engine === engine.engine && each.purpose === purpose),
    );
  return {
    inference: profile.inference.map((engine) => create(engine, 'inference')),
    training: profile.training.map((engine) => create(engine, 'training')),
  };
}

/**
 * The costs of one engine: of the fastest where no name is given.
 * @throws UsageError where the profile has none of that name.
 */
export function selectEngine(costs: readonly EngineCosts[], name?: string): EngineCosts {
  const found = name === undefined || name === 'auto' ? costs[0] : costs.find(({ engine }) => engine === name);
  if (found) return found;
  const known = costs.map(({ engine }) => engine).join(', ') || 'none';
  throw new UsageError(`The profile has no measurements of "${name ?? 'auto'}". It has: ${known}. Measure it with precrop profile.`);
}

function createEngineCosts(
  { machine }: DeviceProfile,
  profile: EngineProfile,
  purpose: Purpose,
  corrections: readonly Correction[],
): EngineCosts {
  const rates: MachineRates = { gigaMacsPerS: machine.peakGflops / 2, gigabytesPerS: machine.bandwidthGbPerS, callMs: profile.callMs };
  // All is worked out when first asked: a profile has many engines, and a plan needs one or two.
  const timings = once((): readonly Timing[] => [
    ...toTimings(profile, purpose),
    ...corrections.flatMap(({ ms, architecture, batch }) =>
      ms
        ? [
            {
              kernels: toKernels(architecture, purpose),
              batch,
              network: architecture.name,
              ms: ms.median,
              relativeError: ms.relativeError,
              state: late,
            },
          ]
        : [],
    ),
  ]);
  const time = once((): { readonly model: TimeModel; readonly reachOf: (network: string) => number } => {
    const model = fitTimeModel(timings(), rates);
    return { model, reachOf: createReachOf(timings(), model, usualSpreads[purpose]) };
  });
  const ranges = once(() => toTimedRanges(timings()));
  const memory = once(() => {
    const model = fitMemoryModel(profile.baseBytes, [
      ...toObservations(profile),
      ...corrections.flatMap(({ peakBytes, architecture, batch }) =>
        peakBytes === undefined ? [] : [{ ...countMemoryParts(architecture, batch), peakBytes }],
      ),
    ]);
    return {
      model,
      spread: calibrateDeviations(
        model.leftOut.map(({ deviations }) => deviations),
        usualSpreads.memory,
      ),
    };
  });
  return {
    engine: profile.engine,
    threads: profile.threads,
    purpose,
    estimateMs(architecture, batch) {
      const { model, reachOf } = time();
      const kernels = toKernels(architecture, purpose);
      const { ms, deviation } = model.estimate(kernels, batch, architecture.name);
      // How far timed networks deviate says nothing of what was never timed.
      const isOutside = findOutside(kernels, batch, ranges()).length > 0;
      const drifted = corrections.some((each) => each.ms) ? 0 : usualReach * drifts[purpose] * ms;
      return toEstimate(ms, Math.hypot(Math.max(reachOf(architecture.name), isOutside ? usualReach : 0) * deviation, drifted));
    },
    kernelMs: (kernel, batch) => time().model.kernelMs(kernel, batch),
    factorOf: (network) => time().model.factorOf(network),
    estimateBytes(architecture, batch) {
      const { model, spread } = memory();
      const { bytes, deviation } = model.estimate(countMemoryParts(architecture, batch));
      return toEstimate(bytes, spread * deviation);
    },
    get memory() {
      return memory().model;
    },
    findOutside: (architecture, batch) => findOutside(toKernels(architecture, purpose), batch, ranges()),
  };
}

/**
 * How many deviations an estimate reaches to either side. Networks that were chosen for how little was known of them are harder to foretell
 * than any that will be asked for: only those drawn at random say how far off estimates of their kind are. For other kinds the worse of both counts.
 */
function createReachOf(timings: readonly Timing[], { leftOut }: TimeModel, usualSpread: number): (network: string) => number {
  const drawn = new Set(timings.flatMap(({ network, isRandom }) => (isRandom ? [network] : [])));
  const reachOf = (isOf: (timing: Timing) => boolean): number =>
    calibrateDeviations(
      leftOut.flatMap(({ deviations }, index) => (isOf(timings[index] as Timing) ? [deviations] : [])),
      usualSpread,
    );
  const usual = reachOf(({ isRandom }) => isRandom === true);
  const most = Math.max(
    usual,
    reachOf(({ isRandom }) => !isRandom),
  );
  return (network) => (drawn.has(network) ? usual : most);
}

function toEstimate(value: number, reach: number): Estimate {
  return { value, low: Math.max(0, value - reach), high: value + reach };
}
