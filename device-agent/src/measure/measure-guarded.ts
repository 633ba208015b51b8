import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import type { CoreStanding } from '@precrop/sdk/cost/device-profile';
import type { Guards } from './guards.js';
import { type Blocks, toKeptSamples, warmUp } from './interleave.js';
import { createMeasurement, type Measurement } from './measurement.js';
import { type ErrorBar, leastBlocksToRepeat, relativeErrorOf, toErrorBar } from './repeatability.js';
import { median, sumOf } from './statistics.js';

export interface GuardedOptions extends Pick<Measurement, 'runtime' | 'threads' | 'batch'> {
  /** What a block should take, ms; warming up takes a few. */
  readonly blockMs?: number;
  readonly warmUpMs?: number;
  /** Blocks that are timed whatever they take. With fewer than by default nobody can say whether the number repeats. */
  readonly leastBlocks?: number;
  readonly mostBlocks?: number;
  /** No further block begins when it would end later than this after the first one's begin, ms. */
  readonly budgetMs: number;
  /** Whether it may be timed however the cores stand; blocks of one standing make the number. Default: only as usual. */
  readonly anyStanding?: boolean;
  /** It ends once the error bar reaches so far to either side, as a fraction of the median. */
  readonly targetError?: number;
}

/** A measurement in blocks, with the error bar of its median. */
export interface GuardedMeasurement extends Measurement {
  /** Samples of each block, in the order of `samples`. */
  readonly blockSizes: readonly number[];
  readonly errorBar: ErrorBar;
  readonly cores: CoreStanding;
}

/**
 * Times one thing alone, block by block, until its median is known well enough and repeats, or the time is used up; judged by the samples, by the
 * conditions that the guards saw meanwhile, and by whether its two halves agree. To compare things with each other interleave them instead.
 * @param time milliseconds of each of so many repetitions
 */
export async function measureGuarded(
  time: (count: number) => Promise<readonly number[]>,
  options: GuardedOptions,
  context: RunContext,
  guards: Guards,
): Promise<GuardedMeasurement> {
  const { runtime, threads, batch } = options;
  const { blockMs = 20, warmUpMs = 0 } = options;
  const silent: RunContext = { ...context, emit: () => {} }; // there may be hundreds
  const counts = await warmUp([{ name: runtime, time }], { blockMs, warmUpMs }, silent);
  const window = await guards.open({ anyStanding: options.anyStanding ?? false });
  const { cores, blocks } = await timeBlocks(() => time(counts.get(runtime) ?? 1), options, context, window.check);
  const conditions = await window.close();
  const errorBar = toErrorBar(blocks);
  const measurement = createMeasurement(blocks.flat(), { ...conditions, errorBar, runtime, threads, batch });
  return { ...measurement, blockSizes: blocks.map(({ length }) => length), errorBar, cores };
}

/** Blocks that were timed while the cores stood in one way. */
interface StandingBlocks {
  readonly cores: CoreStanding;
  readonly blocks: (readonly number[])[];
  /** One sample a block: quick to ask again and again. */
  readonly medians: (readonly number[])[];
}

/** Times blocks until those of one standing are enough. */
async function timeBlocks(
  timeBlock: () => Promise<readonly number[]>,
  { leastBlocks = leastBlocksToRepeat, mostBlocks = 100, budgetMs, targetError = 0.01 }: GuardedOptions,
  context: RunContext,
  check: (timedMs: number) => CoreStanding | null,
): Promise<StandingBlocks> {
  const start = context.clock();
  const found = new Map<CoreStanding, StandingBlocks>();
  let most: StandingBlocks = { cores: 'usual', blocks: [], medians: [] };
  let slowestMs = 0;
  while (most.blocks.length < mostBlocks) {
    throwIfCancelled(context);
    const blockStart = context.clock();
    if (most.blocks.length >= leastBlocks && (blockStart - start + slowestMs > budgetMs || isKnown(most.medians, targetError))) break;
    const samples = await timeBlock();
    const cores = check(sumOf(samples));
    slowestMs = Math.max(slowestMs, context.clock() - blockStart);
    if (cores === null) continue; // it is timed again
    const own = found.get(cores) ?? { cores, blocks: [], medians: [] };
    found.set(cores, own);
    const kept = toKeptSamples(samples);
    own.blocks.push(kept);
    own.medians.push([median(kept)]);
    if (own.blocks.length > most.blocks.length) most = own;
  }
  return most;
}

function isKnown(blocks: Blocks, targetError: number): boolean {
  const errorBar = toErrorBar(blocks);
  return errorBar.repeats && relativeErrorOf(errorBar) <= targetError;
}
