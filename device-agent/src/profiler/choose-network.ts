import { createArchitecture } from '@precrop/sdk/architectures/registry';
import type { Rng } from '@precrop/sdk/core/rng';
import type { ProfileTiming } from '@precrop/sdk/cost/device-profile';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { type Widths, withWidths } from '@precrop/sdk/ir/widths';
import type { TimingsFit } from './fit-timings.js';
import { drawWidths, toNarrowest, toOriginal } from './random-widths.js';

/** Networks that an engine is timed with. */
export interface NetworkPool {
  /** A name of the registry. */
  readonly network: string;
  /** How often it comes up, against the others. */
  readonly weight: number;
  readonly batches: readonly number[];
  /** The share of its networks whose widths are no multiples of eight. Default: none. */
  readonly ragged?: number;
}

export interface NetworkPick {
  readonly network: string;
  readonly widths: Widths;
  readonly batch: number;
  readonly architecture: Architecture;
  /** Drawn at random, and not chosen for what it teaches. */
  readonly isRandom: boolean;
}

const align = 8;
/** Of so many random widths those are taken of which least is known. */
const candidates = 5;
/** One of so many networks is drawn at random: how far off the others are that foretell it says how far off they usually are. */
const randomEvery = 2;

export interface ChoiceLimits {
  /** What timing a network costs that takes so many ms, ms. */
  readonly costOf: (ms: number) => number;
  readonly mostMs: number;
}

/** Says which network is to be timed next. */
export interface NetworkChooser {
  /**
   * Networks of full weight come first, as narrow as can be and as they are; then the one of the pool that was timed least for its weight, which is
   * more where the others explain its timings badly; and of a few random widths those that teach most for their time: whose estimate is the
   * least certain for its size, and which are not slow. Every second is one of full weight at the first random widths instead. Null where none is cheap enough.
   */
  choose(
    timed: readonly Pick<ProfileTiming, 'network' | 'batch' | 'widths' | 'isRandom'>[],
    fit: TimingsFit,
    limits: ChoiceLimits,
    rng: Rng,
  ): NetworkPick | null;
}

export function createNetworkChooser(pool: readonly NetworkPool[]): NetworkChooser {
  const originals = new Map(pool.map(({ network }) => [network, createArchitecture(network)]));
  const firsts = listFirst(pool, originals);
  return {
    choose(timed, fit, { costOf, mostMs }, rng) {
      const isAffordable = (ms: number): boolean => costOf(ms) < mostMs;
      const known = new Set(timed.map(({ network, batch, widths }) => keyOf(network, batch, new Map(Object.entries(widths)))));
      const isNew = ({ network, batch, widths }: NetworkPick): boolean => !known.has(keyOf(network, batch, widths));
      const first = firsts.find((pick) => isNew(pick) && isAffordable(fit.estimate(pick.architecture, pick.batch).ms));
      if (first) return first;
      const isRandomDue = randomEvery * timed.filter(({ isRandom }) => isRandom).length < timed.length - firsts.length;
      // The network first, so that no family is left behind by one that is harder to foretell: what has had least of its share.
      const inTurn = orderByNeed(pool, timed, fit, rng);
      const draw = (isRandom: boolean): NetworkPick | null => {
        for (const entry of inTurn) {
          if (isRandom && entry.weight < 1) continue;
          const step = !isRandom && rng.uniform() < (entry.ragged ?? 0) ? 1 : align;
          const drawn = Array.from({ length: isRandom ? 1 : candidates }, () => drawNetwork(entry, step, originals, rng)).filter(isNew);
          const best = selectWorthiest(drawn, fit, costOf, isAffordable);
          if (best) return { ...best, isRandom };
        }
        return null;
      };
      return (isRandomDue ? draw(true) : null) ?? draw(false);
    },
  };
}

/** The one that teaches most for its time, of those that are cheap enough. */
function selectWorthiest(
  picks: readonly NetworkPick[],
  fit: TimingsFit,
  costOf: ChoiceLimits['costOf'],
  isAffordable: (ms: number) => boolean,
): NetworkPick | null {
  let best: { readonly pick: NetworkPick; readonly worth: number } | null = null;
  for (const pick of picks) {
    const { ms, deviation } = fit.estimate(pick.architecture, pick.batch);
    const worth = deviation / ms / Math.sqrt(costOf(ms));
    if (isAffordable(ms) && (!best || worth > best.worth)) best = { pick, worth };
  }
  return best?.pick ?? null;
}

type Originals = ReadonlyMap<string, Architecture>;

/** What no random network shows: both ends of the widths. Ends and batches change in turn, so that a short profiling sees both of each. */
function listFirst(pool: readonly NetworkPool[], originals: Originals): readonly NetworkPick[] {
  const main = pool.filter(({ weight }) => weight >= 1);
  return [0, 1].flatMap((round) =>
    main.map(({ network, batches }, index) => {
      const original = originals.get(network) as Architecture;
      const widths = (index + round) % 2 === 0 ? toNarrowest(original, align) : toOriginal(original);
      return toPick(original, widths, batches[(Math.floor(index / 2) + round) % batches.length] as number);
    }),
  );
}

/** Those first that were timed least often for their weight; chance decides between equals. */
function orderByNeed(
  pool: readonly NetworkPool[],
  timed: readonly Pick<ProfileTiming, 'network' | 'batch'>[],
  fit: TimingsFit,
  rng: Rng,
): readonly NetworkPool[] {
  const weights = weigh(pool, fit);
  return pool
    .map((entry, index) => {
      const count = timed.filter(({ network, batch }) => network === entry.network && entry.batches.includes(batch)).length;
      return { entry, need: (count + rng.uniform()) / (weights[index] as number) };
    })
    .toSorted((a, b) => a.need - b.need)
    .map(({ entry }) => entry);
}

function drawNetwork({ network, batches }: NetworkPool, step: number, originals: Originals, rng: Rng): NetworkPick {
  const original = originals.get(network) as Architecture;
  const batch = batches[rng.integer(0, batches.length - 1)] as number;
  return toPick(original, drawWidths(original, step, rng), batch);
}

/** The first two are the ends of its widths, and say little of what lies between. */
const enoughToJudge = 5;

/** Its own weight times how badly it is explained, against all: from half to twice as often. */
function weigh(pool: readonly NetworkPool[], { leftOut }: TimingsFit): readonly number[] {
  const meanOf = (errors: readonly { readonly error: number }[]): number =>
    errors.reduce((sum, { error }) => sum + error, 0) / errors.length;
  const all = meanOf(leftOut);
  return pool.map(({ network, weight }) => {
    const own = leftOut.filter((each) => each.network === network);
    return own.length < enoughToJudge || !(all > 0) ? weight : weight * Math.min(2, Math.max(0.5, meanOf(own) / all));
  });
}

function toPick(original: Architecture, widths: Widths, batch: number): NetworkPick {
  return { network: original.name, widths, batch, architecture: withWidths(original, widths), isRandom: false };
}

function keyOf(network: string, batch: number, widths: Widths): string {
  return `${network} ${batch} ${[...widths].map(([group, width]) => `${group}=${width}`).join()}`;
}
