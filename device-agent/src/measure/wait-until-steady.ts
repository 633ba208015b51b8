import { setTimeout } from 'node:timers/promises';
import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import { formatMs } from '@precrop/sdk/core/units';
import type { Conditions } from './conditions.js';
import { type LoadWatch, leastLoadWindowMs } from './machine-load.js';
import type { SpeedWatch } from './throttling.js';
import { type Judgement, judge } from './validity.js';

/** Of some work before anything was timed: what else the machine was doing. */
export interface Steadiness extends Judgement {
  /** Of the last try. */
  readonly samplesMs: readonly number[];
  /** How often it was asked until it was steady, or for the last time. */
  readonly tries: number;
}

export interface SteadyOptions {
  /** What other programs do; not asked where left out. */
  readonly load?: LoadWatch;
  /** The rate that the processor had at its best, which is waited for as well. */
  readonly speed?: SpeedWatch;
  /** No further try begins so long after the first one began, ms. */
  readonly mostWaitMs?: number;
  readonly wait?: (ms: number) => Promise<unknown>;
}

const repetitions = 12;
const pauseMs = 1000;

/**
 * Waits until the machine is steady enough to time anything: the same work takes the same time again and again, the processor is as fast as at
 * its best, and other programs leave it alone. Gives up after a while; the verdict and its reasons say why. A processor that is steady but
 * slower by then is taken as it is from there on.
 * @param time milliseconds of each of so many repetitions of some work: on all cores, or `repeatCpuWork`
 */
export async function waitUntilSteady(
  time: (count: number) => Promise<readonly number[]>,
  context: RunContext,
  options: SteadyOptions = {},
): Promise<Steadiness> {
  const { mostWaitMs = 10_000, wait = (ms): Promise<unknown> => setTimeout(ms, undefined, { signal: context.signal }) } = options;
  const start = context.clock();
  await time(repetitions); // compiles, and lets the processor wake up
  for (let tries = 1; ; tries++) {
    throwIfCancelled(context);
    const { samplesMs, conditions } = await tryOnce(time, context, { ...options, wait });
    const { verdict, reasons } = judge(samplesMs, conditions);
    // pauses count for themselves too: it may be the clock that is wrong
    const waitedMs = Math.max(context.clock() - start, (tries - 1) * pauseMs);
    const isOver = verdict === 'valid' || waitedMs + pauseMs > mostWaitMs;
    if (isOver && verdict !== 'valid' && judge(samplesMs, { ...conditions, slowdown: 0 }).verdict === 'valid') options.speed?.settle();
    if (isOver) return { verdict, reasons, samplesMs, tries };
    context.emit({ type: 'phase', name: 'wait', message: `the machine is busy: waiting, ${formatMs(mostWaitMs - waitedMs)} at most` });
    await wait(pauseMs).catch(() => {}); // a cancel is heard above
  }
}

async function tryOnce(
  time: (count: number) => Promise<readonly number[]>,
  { clock }: RunContext,
  { load, speed, wait }: SteadyOptions & Required<Pick<SteadyOptions, 'wait'>>,
): Promise<{ readonly samplesMs: readonly number[]; readonly conditions: Conditions }> {
  const start = clock();
  const closeLoad = await load?.open();
  const samplesMs = await time(repetitions);
  speed?.probe();
  const missingMs = leastLoadWindowMs - (clock() - start);
  if (closeLoad && missingMs > 0) await wait(missingMs).catch(() => {});
  return { samplesMs, conditions: { load: await closeLoad?.(), slowdown: speed?.slowdown() } };
}
