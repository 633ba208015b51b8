import { setTimeout } from 'node:timers/promises';
import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import { judge } from '../measure/validity.js';
import type { Steadiness } from '../report/compare/comparison.js';

const mostTries = 3;
const pauseMs = 5000;
const repetitions = 12;

/**
 * Whether the machine is steady enough to time anything: the same work takes the same time again and again. Where it does not, waits and asks
 * again, thrice at most.
 * @param time milliseconds of each of so many repetitions of some work on all cores
 */
export async function probeSteadiness(
  time: (count: number) => Promise<readonly number[]>,
  context: RunContext,
  wait: (ms: number) => Promise<unknown> = (ms) => setTimeout(ms, undefined, { signal: context.signal }),
): Promise<Steadiness> {
  await time(repetitions); // compiles, and lets the processor wake up
  for (let tries = 1; ; tries++) {
    throwIfCancelled(context);
    const samplesMs = await time(repetitions);
    const { verdict, reasons } = judge(samplesMs);
    if (verdict === 'valid' || tries === mostTries) return { verdict, reasons, samplesMs, tries };
    context.emit({ type: 'phase', name: 'wait', message: `the machine is busy: waiting, ${tries + 1} of ${mostTries} tries` });
    await wait(pauseMs).catch(() => {}); // a cancel is heard above
  }
}
