import type { RunContext } from '@precrop/sdk/core/context';
import type { Guards } from '../measure/guards.js';
import { type Blocks, type InterleaveOptions, runInterleaved } from '../measure/interleave.js';
import { toErrorBar } from '../measure/repeatability.js';
import { median } from '../measure/statistics.js';
import { type Judgement, judge } from '../measure/validity.js';
import type { NetworkTimerMethods } from '../profiler/network-timer.js';
import type { Interval, MeasuredCost } from '../protocol/plan-file.js';
import type { WorkerHandle } from '../worker/start-worker.js';

type Timer = Pick<WorkerHandle<NetworkTimerMethods>, 'call'>;

export interface BesideOptions extends InterleaveOptions {
  /** Untimed repetitions before each block, ms: between blocks other processes have the cores. */
  readonly leadMs: number;
}

export interface TimedCandidate {
  readonly cost: MeasuredCost;
  readonly reference: Interval;
  readonly judgement: Judgement;
}

/** Times the processes of a candidate in interleaved blocks with the original's, under guards. */
export async function timeBesideOriginal(
  original: Timer,
  candidates: readonly Timer[],
  { leadMs, ...length }: BesideOptions,
  context: RunContext,
  guards: Guards,
): Promise<TimedCandidate> {
  const toContender = (name: string, timer: Timer) => ({ name, time: (count: number) => timer.call('time', { count, leadMs }) });
  const names = candidates.map((_, index) => `candidate ${index + 1}`);
  const contenders = [toContender('original', original), ...candidates.map((each, index) => toContender(names[index] ?? '', each))];
  const window = await guards.open();
  const blocks = await runInterleaved(contenders, length, context, window);
  const conditions = await window.close();
  const ofEach = names.map((name) => blocks.get(name) ?? []);
  const inOrder = interleave(ofEach);
  const errorBar = toErrorBar(inOrder);
  return {
    cost: toMeasuredCost(ofEach, inOrder),
    reference: toInterval(blocks.get('original') ?? []),
    judgement: judge(inOrder.flat(), { ...conditions, errorBar }),
  };
}

/** Bounds that hold for each process too: the next one may be like the slowest of these. */
function toMeasuredCost(ofEach: readonly Blocks[], inOrder: Blocks): MeasuredCost {
  const { value, low, high } = toInterval(inOrder);
  const medians = ofEach.map((blocks) => median(blocks.flat()));
  return { value, low: Math.min(low, ...medians), high: Math.max(high, ...medians), samples: inOrder.map(median) };
}

function toInterval(blocks: Blocks): Interval {
  const { median: value, low, high } = toErrorBar(blocks);
  return { value, low: Number.isFinite(low) ? low : value, high: Number.isFinite(high) ? high : 2 * value };
}

/** The blocks of all processes in the order of rounds. */
function interleave(ofEach: readonly Blocks[]): Blocks {
  const rounds = Math.max(...ofEach.map((blocks) => blocks.length));
  return Array.from({ length: rounds }, (_, round) => ofEach.flatMap((blocks) => (blocks[round] ? [blocks[round]] : []))).flat();
}
