import { type CandidateMeter, countCosts } from '@precrop/device-agent/planner/candidate-meter';
import type { PlanSetup } from '@precrop/device-agent/planner/plan-setup';
import { toPlanCosts } from '@precrop/device-agent/planner/plan-setup';
import { drawWidths } from '@precrop/device-agent/profiler/random-widths';
import type { Interval, MeasuredNetwork } from '@precrop/device-agent/protocol/plan-file';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import type { DeviceProfile, ProfileTiming } from '@precrop/sdk/cost/device-profile';
import { toKernels } from '@precrop/sdk/cost/kernels';
import { countMemoryParts } from '@precrop/sdk/cost/memory-model';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { withWidths } from '@precrop/sdk/ir/widths';
import type { BudgetName } from '@precrop/sdk/plan/budget';
import { findFront } from '@precrop/sdk/plan/front';

export interface SimulatedOptions {
  /** Relative deviation of a measurement. */
  readonly noise?: number;
  /** Factor on all times of the n-th measurement. */
  readonly pace?: (measurement: number) => number;
  /** What the guards say of the n-th measurement. */
  readonly verdict?: (measurement: number) => MeasuredNetwork['verdict'];
  /** True time over that of the plain device: what the profile did not see. */
  readonly surprise?: (architecture: Architecture) => number;
}

export interface SimulatedDevice {
  readonly meter: CandidateMeter;
  readonly counts: () => { readonly measured: number; readonly settled: number };
}

/** What a kernel takes: a fixed start, and steps of 8 channels. */
export function trueMs(architecture: Architecture): number {
  const ceil = (channels: number): number => Math.ceil(channels / 8) * 8;
  return toKernels(architecture, 'inference').reduce(
    (sum, { macs, inChannels, outChannels, writes }) =>
      sum + 0.004 + ((macs * ceil(inChannels) * ceil(outChannels)) / (inChannels * outChannels)) * 2e-8 + writes * 1e-7,
    0,
  );
}

export function trueBytes(architecture: Architecture): number {
  const { weightBytes, activationBytes } = countMemoryParts(architecture, 1);
  return 60e6 + 3 * weightBytes + 1.5 * activationBytes;
}

/** A device as a formula with noise, which counts how often it was measured and how often it was waited for. */
export function createSimulatedMeter(options: SimulatedOptions = {}, seed = 1): SimulatedDevice {
  const { noise = 0.005, pace = () => 1, verdict = () => 'valid', surprise = () => 1 } = options;
  const rng = createRng(seed);
  let [measured, settled] = [0, 0];
  const original = createArchitecture('resnet-20');
  const around = (value: number) => {
    const seen = value * (1 + noise * rng.normal());
    const reach = 2 * noise * seen;
    return { value: seen, low: seen - reach, high: seen + reach, samples: [seen] };
  };
  const meter: CandidateMeter = {
    async measure(architecture, names) {
      const at = measured++;
      const costs = {
        ...countCosts(architecture),
        ...(names.includes('latencyMs') && { latencyMs: around(trueMs(architecture) * surprise(architecture) * pace(at)) }),
        ...(names.includes('memoryBytes') && { memoryBytes: around(trueBytes(architecture)) }),
      };
      const { samples: _, ...reference } = around(trueMs(original) * surprise(original) * pace(at));
      return {
        measured: { costs, verdict: verdict(at), reasons: verdict(at) === 'valid' ? [] : ['Other programs took 40 % of the processor.'] },
        reference: { latencyMs: reference as Interval },
      };
    },
    async settle() {
      settled++;
    },
    close: async () => {},
  };
  return { meter, counts: () => ({ measured: measured, settled: settled }) };
}

/** The profile that such a device would give. */
export function createSimulatedProfile(): DeviceProfile {
  const rng = createRng(3);
  const original = createArchitecture('resnet-20');
  const timings = Array.from({ length: 12 }, (): ProfileTiming => {
    const widths = drawWidths(original, 8, rng);
    const ms = trueMs(withWidths(original, widths)) * (1 + 0.005 * rng.normal());
    return {
      network: 'resnet-20',
      widths: Object.fromEntries(widths),
      batch: 1,
      isRandom: true,
      cores: 'usual',
      medianMs: ms,
      lowMs: 0.99 * ms,
      highMs: 1.01 * ms,
      madMs: 0.005 * ms,
      samplesMs: [ms],
      verdict: 'valid',
    };
  });
  return {
    schemaVersion: 4,
    createdAt: '2026-01-01T00:00:00.000Z',
    seconds: 60,
    extent: 'default',
    deviceId: '0123456789abcdef',
    device: 'a simulated device',
    host: {},
    machine: { peakGflops: 100, bandwidthGbPerS: 20, cores: null },
    inference: [{ engine: 'simulated', version: '1', threads: 1, callMs: 0.004, baseBytes: 60e6, timings, memory: [] }],
    training: [],
    verdict: 'valid',
    reasons: [],
  };
}

export function createSimulatedSetup(names: readonly BudgetName[] = ['latencyMs', 'memoryBytes']): PlanSetup {
  const architecture = createArchitecture('resnet-20');
  const common = { architecture, profile: createSimulatedProfile(), inference: { runtime: 'simulated', batch: 1, threads: 2 } };
  return { ...common, front: findFront(architecture, toPlanCosts(common)), names };
}
