import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { throwIfCancelled } from '@precrop/sdk/core/context';
import { BackendError, toErrorData } from '@precrop/sdk/core/errors';
import type { EngineProfile } from '@precrop/sdk/cost/device-profile';
import { type Purpose, toKernels } from '@precrop/sdk/cost/kernels';
import type { NetworkPick } from './choose-network.js';
import { toProfileTiming } from './findings.js';
import type { EngineTimer } from './instruments.js';
import type { Profiling } from './profiling.js';
import { toOriginal } from './random-widths.js';
import { createSweepNetwork } from './sweep-network.js';

/** Networks by which the fastest runtime is told, one image at a time. */
const trialNetworks = ['resnet-20', 'mobilenet-v2-x1.0-cifar'] as const;
/** An engine that is so many times slower on the first is not asked for the others. */
const hopeless = 4;

/**
 * Finds the runtimes that work here, the fastest first, and the backend that trains.
 * @throws BackendError where no runtime works.
 */
export async function profileEngines(profiling: Profiling, endMs: number): Promise<void> {
  const { instruments, context } = profiling;
  const runtimes = profiling.findings().inference.length > 0 ? null : await rankRuntimes(profiling, endMs);
  if (runtimes) await profiling.update((findings) => ({ ...findings, inference: runtimes }));
  if (profiling.findings().training.length > 0) return;
  context.emit({ type: 'phase', name: 'engines', message: 'Finding what trains here' });
  const [timer] = await openEngines(profiling, 'training', instruments.backends, true);
  if (!timer) return context.emit({ type: 'warning', message: 'Nothing trains on this machine: precrop doctor says what to do.' });
  try {
    const training = [await describeEngine(profiling, 'training', timer, 8)];
    await profiling.update((findings) => ({ ...findings, training }));
  } finally {
    await timer.close();
  }
}

async function rankRuntimes(profiling: Profiling, endMs: number): Promise<readonly EngineProfile[]> {
  const { plan, instruments, context } = profiling;
  context.emit({ type: 'phase', name: 'engines', message: 'Finding the fastest runtime' });
  const timers = await openEngines(profiling, 'inference', instruments.runtimes, !plan.triesAllRuntimes);
  try {
    const engines: EngineProfile[] = [];
    for (const timer of timers) {
      if (engines.length > 0 && context.clock() > endMs) break;
      const best = Math.min(...engines.map(({ timings }) => timings[0]?.medianMs ?? Number.POSITIVE_INFINITY));
      engines.push(await tryRuntime(profiling, timer, hopeless * best));
    }
    if (engines.length > 0) return engines.sort((a, b) => compareSpeed(a, b));
  } finally {
    await Promise.all(timers.map((timer) => timer.close()));
  }
  throw new BackendError('No runtime can be used on this machine, so nothing can be profiled. precrop doctor says what to do.');
}

/** Those that are ready, in their order; the limited ones only where none is. */
async function openEngines(
  { instruments, context }: Profiling,
  purpose: Purpose,
  names: readonly string[],
  onlyFirst: boolean,
): Promise<readonly EngineTimer[]> {
  const open = async (name: string): Promise<EngineTimer | undefined> => {
    try {
      return await instruments.openEngine(purpose, name);
    } catch (error) {
      throwIfCancelled(context);
      if (purpose === 'inference' && names.length === 1) throw error; // it was asked for by name
      context.emit({ type: 'phase', name: 'engines', message: `${name} cannot be used: ${toErrorData(error).message}` });
      return undefined;
    }
  };
  const opened: EngineTimer[] = [];
  if (onlyFirst) {
    for (const name of names) {
      const timer = await open(name);
      if (timer) opened.push(timer);
      if (timer?.state.status === 'ready') break;
    }
  } else opened.push(...(await Promise.all(names.map(open))).filter((timer) => timer !== undefined));
  const ready = opened.filter(({ state }) => state.status === 'ready');
  const kept = (ready.length > 0 ? ready : opened).slice(0, onlyFirst ? 1 : undefined);
  await Promise.all(opened.filter((timer) => !kept.includes(timer)).map((timer) => timer.close()));
  return kept;
}

async function tryRuntime(profiling: Profiling, timer: EngineTimer, mostMs: number): Promise<EngineProfile> {
  const { plan } = profiling;
  let engine = await describeEngine(profiling, 'inference', timer, 1);
  for (const network of trialNetworks) {
    const architecture = createArchitecture(network);
    const pick: NetworkPick = { network, widths: toOriginal(architecture), batch: 1, architecture };
    const timing = await timer.time({ architecture, batch: 1 }, plan.effort.inference);
    engine = { ...engine, timings: [...engine.timings, toProfileTiming(pick, timing)] };
    if (timing.medianMs > mostMs) break;
  }
  return engine;
}

/** What it says of itself, and what a kernel's start takes it: of a network that computes almost nothing. */
async function describeEngine(
  { plan, instruments }: Profiling,
  purpose: Purpose,
  timer: EngineTimer,
  batch: number,
): Promise<EngineProfile> {
  const smallest = createSweepNetwork(1);
  const { medianMs, threads } = await timer.time({ architecture: { ...smallest, input: [4, 4, 3] }, batch }, plan.effort[purpose]);
  return {
    engine: timer.engine,
    version: timer.state.version,
    threads: threads || instruments.threads,
    callMs: medianMs / toKernels(smallest, purpose).length,
    baseBytes: 0,
    timings: [],
    memory: [],
  };
}

/** By the networks that both were timed with. */
function compareSpeed(a: EngineProfile, b: EngineProfile): number {
  const ratios = a.timings.flatMap(({ medianMs }, index) => {
    const other = b.timings[index]?.medianMs;
    return other === undefined ? [] : [Math.log(medianMs / other)];
  });
  return ratios.reduce((sum, ratio) => sum + ratio, 0);
}
