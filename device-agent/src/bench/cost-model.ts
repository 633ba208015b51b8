import type { RunContext } from '@precrop/sdk/core/context';
import { UsageError } from '@precrop/sdk/core/errors';
import { createCostModel, type EngineCosts, type Estimate, selectEngine } from '@precrop/sdk/cost/cost-model';
import type { DeviceProfile, EngineProfile } from '@precrop/sdk/cost/device-profile';
import { toProfiledNetwork } from '@precrop/sdk/cost/profiled-timings';
import { median } from '../measure/statistics.js';
import type { Judgement } from '../measure/validity.js';
import type { EngineTimer, Instruments } from '../profiler/instruments.js';
import type { Effort, NetworkTiming } from '../profiler/time-network.js';
import type { CostKind, CostModelRow, ProfileDrift } from './cost-model-document.js';
import { drawSettings, type WidthSetting } from './cost-model-settings.js';

export interface CostModelBench {
  readonly profile: DeviceProfile;
  readonly networks: readonly string[];
  /** Of each network. */
  readonly settings: number;
  /** Of each network, with widths that are no multiples of anything. */
  readonly unaligned: number;
  readonly efforts?: Readonly<Record<'inference' | 'training', Effort>>;
}

export const costModelNetworks = ['resnet-20', 'mobilenet-v2-x1.0-cifar', 'shufflenet-v2-x1.0-cifar', 'vgg-11'] as const;

const efforts: Readonly<Record<'inference' | 'training', Effort>> = {
  inference: { blockMs: 15, leastBlocks: 8, budgetMs: 400, targetError: 0.01 },
  training: { blockMs: 15, leastBlocks: 8, budgetMs: 1000, targetError: 0.015 },
};
const latencyBatches = [1, 8] as const;
const stepBatch = 64;
/** Networks of the profile that are timed again, spread over the benchmark. */
const mostAgain = 12;

interface Asked {
  readonly setting: WidthSetting;
  readonly batch: number;
}

/**
 * Measures random width settings that the profile was not made from, and holds what it tells of them against that: inference and memory on the
 * profile's fastest runtime, training steps, all in the order of drawing, so that the machine's moods meet all networks alike.
 * @throws UsageError for a profile without any runtime.
 */
export async function benchCostModel(
  bench: CostModelBench,
  instruments: Instruments,
  context: RunContext,
): Promise<{ readonly rows: readonly CostModelRow[]; readonly drift: ProfileDrift; readonly steadiness: Judgement }> {
  const { profile, networks, settings: aligned, unaligned } = bench;
  const model = createCostModel(profile);
  const settings = takeTurns(networks, drawSettings(networks, { aligned, unaligned }, profile, context.rng.fork('settings')));
  if (settings.length === 0) throw new UsageError('There is no width setting to measure: ask for at least one with --settings.');
  const steadiness = await instruments.waitUntilSteady(10_000);
  const latency = settings.flatMap((setting) => latencyBatches.map((batch) => ({ setting, batch })));
  const memory = settings
    .filter(({ isAligned }) => isAligned)
    .map((setting, index) => ({ setting, batch: latencyBatches[index % 2] as number }));
  const inference = await timeAll('latency', selectEngine(model.inference), latency, bench, instruments, context);
  const memoryRows = await measureAllMemory(selectEngine(model.inference), memory, instruments, context);
  const [training] = model.training;
  const steps = settings.map((setting) => ({ setting, batch: stepBatch }));
  const step = training ? await timeAll('step', training, steps, bench, instruments, context) : { rows: [], drift: null };
  return { rows: [...inference.rows, ...memoryRows, ...step.rows], drift: { latency: inference.drift, step: step.drift }, steadiness };
}

/** A network a turn. */
function takeTurns(networks: readonly string[], settings: readonly WidthSetting[]): readonly WidthSetting[] {
  const own = networks.map((network) => settings.filter((setting) => setting.network === network));
  const most = Math.max(0, ...own.map(({ length }) => length));
  return Array.from({ length: most }, (_, index) => own.flatMap((list) => list[index] ?? [])).flat();
}

async function timeAll(
  kind: Exclude<CostKind, 'memory'>,
  costs: EngineCosts,
  asked: readonly Asked[],
  bench: CostModelBench,
  instruments: Instruments,
  context: RunContext,
): Promise<{ readonly rows: readonly CostModelRow[]; readonly drift: number | null }> {
  const effort = (bench.efforts ?? efforts)[costs.purpose];
  context.emit({ type: 'phase', name: kind, message: `Timing ${kind === 'step' ? 'training steps' : 'inference'} on ${costs.engine}` });
  const timer = await instruments.openEngine(costs.purpose, costs.engine, costs.threads);
  const again = createDriftMeter(bench.profile[costs.purpose], timer, effort, asked.length);
  const time = async ({ setting: { architecture }, batch }: Asked): Promise<NetworkTiming> => timer.time({ architecture, batch }, effort);
  try {
    const timings: NetworkTiming[] = [];
    for (const each of asked) {
      timings.push(await time(each));
      await again.measureAt(timings.length);
      context.emit({ type: 'progress', name: kind, done: timings.length, total: asked.length, unit: 'items' });
    }
    // What was not valid gets a second chance.
    for (const [index, timing] of timings.entries()) {
      if (timing.verdict === 'valid') continue;
      const second = await time(asked[index] as Asked);
      if (second.verdict === 'valid' || timing.verdict === 'invalid') timings[index] = second;
    }
    const rows = timings.map(({ medianMs, samplesMs, verdict, reasons }, index) => {
      const { setting, batch } = asked[index] as Asked;
      const estimate = costs.estimateMs(setting.architecture, batch);
      return toRow(kind, costs.engine, { setting, batch }, estimate, { measured: medianMs, samples: samplesMs, verdict, reasons });
    });
    return { rows, drift: again.drift() };
  } finally {
    await timer.close();
  }
}

/**
 * Times networks of the profile again between the settings. What they take against the profile is the machine's part in the errors: none of the
 * model's, which learnt from them.
 */
function createDriftMeter(engines: readonly EngineProfile[], timer: EngineTimer, effort: Effort, settings: number) {
  const profiled = engines.find(({ engine }) => engine === timer.engine)?.timings ?? [];
  const known = profiled.filter(({ verdict, cores }) => verdict === 'valid' && cores === 'usual').slice(0, mostAgain);
  const ratios: number[] = [];
  let next = 0;
  return {
    /** @param done settings that were timed so far. */
    async measureAt(done: number): Promise<void> {
      for (; next < known.length && (next + 1) * settings <= done * known.length; next++) {
        const timing = known[next] as (typeof known)[number];
        const { medianMs, verdict } = await timer.time({ architecture: toProfiledNetwork(timing), batch: timing.batch }, effort);
        if (verdict !== 'invalid') ratios.push(medianMs / timing.medianMs);
      }
    },
    drift: (): number | null => (ratios.length === 0 ? null : median(ratios)),
  };
}

async function measureAllMemory(
  costs: EngineCosts,
  asked: readonly Asked[],
  instruments: Instruments,
  context: RunContext,
): Promise<readonly CostModelRow[]> {
  context.emit({ type: 'phase', name: 'memory', message: `Measuring memory on ${costs.engine} in fresh processes` });
  const rows: CostModelRow[] = [];
  for (const each of asked) {
    const { setting, batch } = each;
    const measured = await instruments.measurePeakBytes({
      architecture: setting.architecture,
      batch,
      runtime: costs.engine,
      threads: costs.threads,
    });
    const estimate = costs.estimateBytes(setting.architecture, batch);
    rows.push(toRow('memory', costs.engine, each, estimate, { measured, samples: [measured], verdict: 'valid', reasons: [] }));
    context.emit({ type: 'progress', name: 'memory', done: rows.length, total: asked.length, unit: 'items' });
  }
  return rows;
}

function toRow(
  kind: CostKind,
  engine: string,
  { setting, batch }: Asked,
  { value, low, high }: Estimate,
  measured: Pick<CostModelRow, 'measured' | 'samples' | 'verdict' | 'reasons'>,
): CostModelRow {
  return {
    kind,
    network: setting.network,
    widths: Object.fromEntries(setting.widths),
    isAligned: setting.isAligned,
    engine,
    batch,
    ...measured,
    predicted: value,
    low,
    high,
    error: value / measured.measured - 1,
  };
}
