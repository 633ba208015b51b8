import type { RunContext } from '@precrop/sdk/core/context';
import type { CoreStanding } from '@precrop/sdk/cost/device-profile';
import type { Guards } from '../measure/guards.js';
import { type GuardedOptions, measureGuarded } from '../measure/measure-guarded.js';
import { relativeErrorOf } from '../measure/repeatability.js';
import type { Verdict } from '../measure/validity.js';
import type { WorkerHandle } from '../worker/start-worker.js';
import type { NetworkRequest, NetworkTimerMethods } from './network-timer.js';

/** How long a network is timed. */
export interface Effort extends Pick<GuardedOptions, 'blockMs' | 'leastBlocks' | 'budgetMs' | 'targetError' | 'anyStanding'> {
  /** All of it should take no longer: one that turns out to be slow is timed with less care, and says so. */
  readonly mostMs?: number;
}

/** What a network took: a median, its 95 % interval, and whether it may be trusted. */
export interface NetworkTiming {
  readonly medianMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly madMs: number;
  readonly samplesMs: readonly number[];
  readonly verdict: Verdict;
  /** Sentences; empty when valid. */
  readonly reasons: readonly string[];
  readonly threads: number;
  readonly cores: CoreStanding;
}

/** What `measureGuarded` asks of a block at least; a network for which that is asked is slow enough to be a block alone. */
const leastAsked = 3;
const usualBlocks = 8;
const leastOfAll = 3;

/** Times one network through an engine's process, under guards, until its median is known and repeats. */
export async function timeNetwork(
  worker: Pick<WorkerHandle<NetworkTimerMethods>, 'call'>,
  engine: string,
  request: NetworkRequest,
  effort: Effort,
  context: RunContext,
  guards: Guards,
): Promise<NetworkTiming> {
  const { openMs, threads } = await worker.call('open', request);
  const { leastBlocks = usualBlocks, mostMs = Number.POSITIVE_INFINITY } = effort;
  const careful = openMs > mostMs ? { ...effort, leastBlocks: Math.min(leastBlocks, leastOfAll) } : effort;
  const time = (count: number): Promise<readonly number[]> => worker.call('time', { count: count > leastAsked ? count : 1 });
  const measured = await measureGuarded(time, { ...careful, runtime: engine, threads, batch: request.batch }, context, guards);
  const { errorBar, mad, samples, verdict, reasons, cores } = measured;
  const isKnown = Number.isFinite(relativeErrorOf(errorBar));
  return {
    // a sample of 0 has made it invalid
    medianMs: Math.max(errorBar.median, Number.MIN_VALUE),
    lowMs: isKnown ? Math.max(0, errorBar.low) : 0,
    highMs: isKnown ? errorBar.high : 2 * errorBar.median,
    madMs: mad,
    samplesMs: samples.map(toKept),
    verdict,
    reasons,
    threads,
    cores,
  };
}

/** Five digits: there are thousands of samples in a profile, and none is known better. */
function toKept(ms: number): number {
  return Number(ms.toPrecision(5));
}
