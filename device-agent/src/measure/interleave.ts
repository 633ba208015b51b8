import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import type { GuardWindow } from './guards.js';
import { median, sumOf } from './statistics.js';

/** Something that can be timed again and again. */
export interface Contender {
  readonly name: string;
  /** Milliseconds of each of `count` repetitions. */
  time(count: number): Promise<readonly number[]>;
}

/** A contender's samples, a block of neighbouring repetitions a round. */
export type Blocks = readonly (readonly number[])[];

export interface InterleaveOptions {
  /** Rounds that are run whatever they take. */
  readonly leastRounds: number;
  readonly mostRounds: number;
  /** No further round begins when it would end later than this after the start, ms. */
  readonly budgetMs: number;
  /** What a block should take, ms: fast contenders repeat more often. */
  readonly blockMs: number;
  /** Fast contenders are warmed up for at least so long, ms: engines compile their code again and again. Default: until a block is no faster. */
  readonly warmUpMs?: number;
}

/** First repetitions that are thrown away: they compile, allocate and fill caches. */
const warmUpRepetitions = 3;
const mostWarmUpBlocks = 6;
const leastRepetitions = 3;
const mostRepetitions = 10_000;
const mostSamplesPerBlock = 100;

/**
 * Runs contenders in turn, a block each a round, every second round in reverse order (A B, B A, …), so that whatever the machine does
 * meanwhile happens to all of them alike. Gives each contender's blocks by name, in the order of rounds.
 * @param guards told of every block; a round of which one does not count is run again
 */
export async function runInterleaved(
  contenders: readonly Contender[],
  options: InterleaveOptions,
  context: RunContext,
  guards?: Pick<GuardWindow, 'check'>,
): Promise<ReadonlyMap<string, Blocks>> {
  const start = context.clock();
  const counts = await warmUp(contenders, options, context);
  const blocks = new Map(contenders.map(({ name }): [string, (readonly number[])[]] => [name, []]));

  let slowestMs = 0;
  for (let round = 0; round < options.mostRounds; ) {
    const roundStart = context.clock();
    if (round >= options.leastRounds && roundStart - start + slowestMs > options.budgetMs) break;
    const taken = new Map<string, readonly number[]>();
    for (const { name, time } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      throwIfCancelled(context);
      const samples = await time(counts.get(name) ?? leastRepetitions);
      if (guards?.check(sumOf(samples)) === null) break;
      taken.set(name, toKeptSamples(samples));
    }
    slowestMs = Math.max(slowestMs, context.clock() - roundStart);
    if (taken.size < contenders.length) continue; // the machine was in another state: the round is run again
    for (const [name, block] of taken) blocks.get(name)?.push(block);
    round++;
    context.emit({ type: 'progress', name: 'rounds', done: round, total: options.mostRounds, unit: 'items' });
  }
  return blocks;
}

/**
 * How many times slower than `base` the other is, a ratio a round: the two medians of a round were taken within seconds of each other, so the
 * ratios spread less than the times do.
 */
export function toRatios(other: Blocks, base: Blocks): readonly number[] {
  return other.slice(0, base.length).map((block, round) => median(block) / median(base[round] ?? []));
}

/** Of a longer block the last are kept: after a switch processors wake up and caches fill. */
export function toKeptSamples(block: readonly number[]): readonly number[] {
  return block.slice(-mostSamplesPerBlock);
}

/** Repetitions a block for each contender, which is warm afterwards. */
export async function warmUp(
  contenders: readonly Contender[],
  { blockMs, warmUpMs = 0 }: Pick<InterleaveOptions, 'blockMs' | 'warmUpMs'>,
  context: RunContext,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { name, time } of contenders) {
    throwIfCancelled(context);
    context.emit({ type: 'phase', name: 'warm-up', message: name });
    const samples = await time(warmUpRepetitions);
    const wanted = Math.round(blockMs / (samples.at(-1) ?? blockMs));
    const count = Math.min(mostRepetitions, Math.max(leastRepetitions, wanted));
    // Still being optimised after three.
    if (count > warmUpRepetitions)
      await repeatUntilSteady((): Promise<readonly number[]> => time(count), samples.at(-1) ?? 0, warmUpMs, context.clock);
    counts.set(name, count);
  }
  return counts;
}

/** Repeats blocks for at least so long, and until one is no faster than the one before it. */
async function repeatUntilSteady(
  timeBlock: () => Promise<readonly number[]>,
  firstMs: number,
  leastMs: number,
  clock: () => number,
): Promise<void> {
  const start = clock();
  let before = firstMs;
  for (let block = 0; block < mostWarmUpBlocks || clock() - start < leastMs; block++) {
    const samples = await timeBlock();
    if (samples.length === 0) return;
    const now = median(samples);
    if (now > 0.95 * before && clock() - start >= leastMs) return;
    before = now;
  }
}
