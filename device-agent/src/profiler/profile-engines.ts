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
/** With many cores, the rest of the time goes to finding how many of them. */
const rankShare = 0.5;
/** An engine that is so many times slower on the first is not asked for the others. */
const hopeless = 4;

/**
 * Finds the runtimes that work here, the fastest first, and the backend that trains.
 * @throws BackendError where no runtime works.
 */
export async function profileEngines(profiling: Profiling, endMs: number): Promise<void> {
  const { instruments, context } = profiling;
  if (profiling.findings().inference.length === 0) {
    const now = context.clock();
    const [fastest, ...others] = await rankRuntimes(profiling, now + (instruments.threads > 2 ? rankShare : 1) * (endMs - now));
    const inference = fastest ? [await chooseThreads(profiling, fastest, endMs), ...others] : [];
    await profiling.update((findings) => ({ ...findings, inference }));
  }
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
    if (engines.length > 0) return engines.sort((a, b) => Math.log(toTimesSlower(a, b)));
  } finally {
    await Promise.all(timers.map((timer) => timer.close()));
  }
  throw new BackendError('No runtime can be used on this machine, so nothing can be profiled. precrop doctor says what to do.');
}

/** Those that are ready, in their order; the limited ones only where none is. */
async function openEngines(
  { instruments, context, update }: Profiling,
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
  const answers = opened.map(({ engine, state: { status, device } }) => ({ name: engine, status, device }));
  await update((findings) => ({ ...findings, answers: [...findings.answers, ...answers] }));
  return kept;
}

/**
 * The fastest runtime with as many threads as are worth it: small networks are slower on all of many cores than on some, and threads that win
 * nothing are better left to the app.
 */
async function chooseThreads(profiling: Profiling, engine: EngineProfile, endMs: number): Promise<EngineProfile> {
  const { instruments, context } = profiling;
  const tries = [engine];
  let fastest = engine;
  for (let threads = engine.threads >> 1; threads >= 1 && context.clock() < endMs; threads >>= 1) {
    context.emit({ type: 'phase', name: 'engines', message: `Trying ${engine.engine} with ${threads} of ${engine.threads} threads` });
    const timer = await instruments.openEngine('inference', engine.engine, threads);
    try {
      const fewer = await tryRuntime(profiling, timer, Number.POSITIVE_INFINITY);
      tries.push(fewer);
      if (toTimesSlower(fewer, fastest) > muchSlower) break;
      if (toTimesSlower(fewer, fastest) < 1) fastest = fewer;
    } finally {
      await timer.close();
    }
  }
  return tries.findLast((each) => toTimesSlower(each, fastest) <= hardlySlower) ?? engine;
}

/** The fewest threads are taken that are not slower than this against the best; where they are slower than that, no fewer are tried. */
const hardlySlower = 1.03;
const muchSlower = 1.3;

async function tryRuntime(profiling: Profiling, timer: EngineTimer, mostMs: number): Promise<EngineProfile> {
  const { plan } = profiling;
  let engine = await describeEngine(profiling, 'inference', timer, 1);
  for (const network of trialNetworks) {
    const architecture = createArchitecture(network);
    const pick: NetworkPick = { network, widths: toOriginal(architecture), batch: 1, architecture, isRandom: false };
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

/** How many times slower than the other one, by the geometric mean over the networks that both were timed with. */
function toTimesSlower(a: EngineProfile, b: EngineProfile): number {
  const ratios = a.timings.flatMap(({ medianMs }, index) => {
    const other = b.timings[index]?.medianMs;
    return other === undefined ? [] : [Math.log(medianMs / other)];
  });
  return Math.exp(ratios.reduce((sum, ratio) => sum + ratio, 0) / Math.max(1, ratios.length));
}
