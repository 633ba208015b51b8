import type { ProfileTiming } from '@precrop/sdk/cost/device-profile';
import type { Purpose } from '@precrop/sdk/cost/kernels';
import { toProfiledNetwork } from '@precrop/sdk/cost/profiled-timings';
import { median } from '../measure/statistics.js';
import { createNetworkChooser, type NetworkPick } from './choose-network.js';
import { chooseTiming, type Findings, toProfileTiming, withEngine } from './findings.js';
import { fitTimings, type TimingsFit } from './fit-timings.js';
import type { EngineTimer } from './instruments.js';
import type { Profiling } from './profiling.js';

/** What a network's time comes to until it is known: made ready, warmed up and repeated. ms = first + repetitions · its time. */
const costs: Readonly<Record<Purpose, { readonly firstMs: number; readonly repetitions: number }>> = {
  inference: { firstMs: 130, repetitions: 20 },
  training: { firstMs: 300, repetitions: 17 },
};
/** No single network may take more of the time. */
const mostShare = 0.25;
/** Kept for timing again what was noisy. */
const retryShare = 0.12;
/** Fitting the model takes no more than this of the time. */
const fitShare = 0.1;

/** Times networks through the first engine of a purpose for as long as there is time: those of which least is known. */
export async function profileNetworks(profiling: Profiling, purpose: Purpose, endMs: number): Promise<void> {
  const { context, instruments } = profiling;
  const [engine] = profiling.findings()[purpose];
  if (!engine) return;
  context.emit({ type: 'phase', name: purpose, message: `Timing ${describe(purpose)} on ${engine.engine}` });
  const startMs = context.clock();
  const totalMs = endMs - startMs;
  const timer = await instruments.openEngine(purpose, engine.engine, engine.threads);
  const fits = createFits(profiling, purpose, startMs);
  const chooser = createNetworkChooser(profiling.plan[purpose]);
  const first = engine.timings.length;
  const paces: number[] = []; // what timings took against what was expected, the last ones
  try {
    for (;;) {
      const { timings } = enginesOf(profiling.findings(), purpose);
      const leftMs = endMs - context.clock() - (timings.some(isDoubtful) ? retryShare * totalMs : 0);
      const limits = { costOf: (ms: number): number => toPace(paces) * costOf(purpose, ms), mostMs: Math.min(leftMs, mostShare * totalMs) };
      const rng = context.rng.fork('networks', purpose, timings.length);
      const pick = leftMs > 0 ? chooser.choose(timings, fits.current(timings), limits, rng) : null;
      if (!pick) break;
      const [beganMs, expectedMs] = [context.clock(), costOf(purpose, fits.current(timings).estimate(pick.architecture, pick.batch).ms)];
      await timePick(profiling, purpose, timer, pick, leftMs);
      paces.push((context.clock() - beganMs) / expectedMs);
      emitProgress(profiling, purpose, timings.length + 1, first, startMs, endMs);
    }
    await timeAgain(profiling, purpose, timer, endMs, fits);
  } finally {
    await timer.close();
  }
}

async function timePick(profiling: Profiling, purpose: Purpose, timer: EngineTimer, pick: NetworkPick, mostMs: number): Promise<void> {
  const timing = await timer.time(pick, { ...profiling.plan.effort[purpose], mostMs, anyStanding: true });
  const [doubt] = timing.reasons;
  await profiling.update((findings) => ({
    ...withEngine(findings, purpose, (each) => ({ ...each, timings: [...each.timings, toProfileTiming(pick, timing)] })),
    lastDoubt: doubt ?? findings.lastDoubt,
  }));
}

/** What was not valid is timed once more; the better of both stays. */
async function timeAgain(profiling: Profiling, purpose: Purpose, timer: EngineTimer, endMs: number, fits: Fits): Promise<void> {
  const { context, plan } = profiling;
  const { timings } = enginesOf(profiling.findings(), purpose);
  const worst = timings.map((timing, index) => ({ timing, index })).filter(({ timing }) => isDoubtful(timing));
  worst.sort((a, b) => Number(b.timing.verdict === 'invalid') - Number(a.timing.verdict === 'invalid'));
  for (const { timing, index } of worst) {
    const architecture = toProfiledNetwork(timing);
    const { ms } = timing.verdict === 'invalid' ? fits.current(timings).estimate(architecture, timing.batch) : { ms: timing.medianMs };
    if (context.clock() + costOf(purpose, ms) > endMs) continue;
    const { network, batch, isRandom } = timing;
    const pick = { network, widths: new Map(Object.entries(timing.widths)), batch, architecture, isRandom };
    const again = toProfileTiming(pick, await timer.time(pick, { ...plan.effort[purpose], anyStanding: true }));
    await profiling.update((findings) =>
      withEngine(findings, purpose, (each) => ({ ...each, timings: each.timings.with(index, chooseTiming(timing, again)) })),
    );
  }
}

interface Fits {
  /** The model of these timings, or of most of them: fitting it anew takes time as well. */
  current(timings: readonly ProfileTiming[]): TimingsFit;
}

function createFits({ context, findings }: Profiling, purpose: Purpose, startMs: number): Fits {
  let fit: { readonly model: TimingsFit; readonly count: number } | undefined;
  let spentMs = 0;
  return {
    current(timings) {
      const isOld = !fit || timings.length - fit.count >= (fit.count < 8 ? 1 : 8);
      const isAllowed = !fit || spentMs < fitShare * (context.clock() - startMs);
      if (fit && !(isOld && isAllowed)) return fit.model;
      const begin = context.clock();
      const { callMs } = enginesOf(findings(), purpose);
      const machine = findings().machine ?? { peakGflops: 50, bandwidthGbPerS: 10 };
      fit = { model: fitTimings({ timings, callMs }, machine, purpose), count: timings.length };
      spentMs += context.clock() - begin;
      return fit.model;
    },
  };
}

function emitProgress({ context }: Profiling, purpose: Purpose, done: number, first: number, startMs: number, endMs: number): void {
  const eachMs = (context.clock() - startMs) / Math.max(1, done - first);
  const total = done + Math.max(0, Math.round((endMs - context.clock()) / eachMs));
  context.emit({ type: 'progress', name: describe(purpose), done, total, unit: 'items' });
}

function enginesOf(findings: Findings, purpose: Purpose) {
  const [engine] = findings[purpose];
  return { timings: engine?.timings ?? [], callMs: engine?.callMs ?? 0.01 };
}

/** Engines that are far slower than the machine could be, and busy machines, take longer than expected; what is quicker counts as expected. */
function toPace(paces: readonly number[]): number {
  return paces.length === 0 ? 1 : Math.max(1, median(paces.slice(-5)));
}

function costOf(purpose: Purpose, ms: number): number {
  return costs[purpose].firstMs + costs[purpose].repetitions * ms;
}

function isDoubtful({ verdict }: ProfileTiming): boolean {
  return verdict !== 'valid';
}

function describe(purpose: Purpose): string {
  return purpose === 'inference' ? 'inference' : 'training steps';
}
