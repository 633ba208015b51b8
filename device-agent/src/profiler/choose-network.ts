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
}

export interface NetworkPick {
  readonly network: string;
  readonly widths: Widths;
  readonly batch: number;
  readonly architecture: Architecture;
}

const align = 8;
/** Of so many random networks the one is taken of which least is known. */
const candidates = 5;

/**
 * The network to be timed next. Those of full weight come first as narrow as can be and as they are; then, of a few random ones, the one whose
 * estimate is the least certain for its size. Networks whose timings the others explain badly come up more often. Null where none is cheap
 * enough.
 * @param isAffordable whether a network that takes so many ms may be timed
 */
export function chooseNetwork(
  pool: readonly NetworkPool[],
  timed: readonly Pick<ProfileTiming, 'network' | 'batch' | 'widths'>[],
  fit: TimingsFit,
  isAffordable: (ms: number) => boolean,
  rng: Rng,
): NetworkPick | null {
  const known = new Set(timed.map(({ network, batch, widths }) => keyOf(network, batch, new Map(Object.entries(widths)))));
  const isOpen = (pick: NetworkPick): boolean =>
    !known.has(keyOf(pick.network, pick.batch, pick.widths)) && isAffordable(fit.estimate(pick.architecture, pick.batch).ms);
  const first = listFirst(pool).find(isOpen);
  if (first) return first;

  const weights = weigh(pool, fit);
  let best: { readonly pick: NetworkPick; readonly doubt: number } | undefined;
  for (let draw = 0, found = 0; draw < 4 * candidates && found < candidates; draw++) {
    const pick = drawNetwork(pool, weights, rng);
    if (!pick || !isOpen(pick)) continue;
    found++;
    const { ms, deviation } = fit.estimate(pick.architecture, pick.batch);
    if (!best || deviation / ms > best.doubt) best = { pick, doubt: deviation / ms };
  }
  return best?.pick ?? null;
}

/** What no random network shows: both ends of the widths. Ends and batches change in turn, so that a short profiling sees both of each. */
function listFirst(pool: readonly NetworkPool[]): readonly NetworkPick[] {
  const main = pool.filter(({ weight }) => weight >= 1);
  return [0, 1].flatMap((round) =>
    main.map(({ network, batches }, index) => {
      const original = createArchitecture(network);
      const toWidths = (index + round) % 2 === 0 ? toNarrowest(original, align) : toOriginal(original);
      return toPick(original, toWidths, batches[(Math.floor(index / 2) + round) % batches.length] as number);
    }),
  );
}

function drawNetwork(pool: readonly NetworkPool[], weights: readonly number[], rng: Rng): NetworkPick | undefined {
  let left = rng.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  const entry = pool[index];
  if (!entry) return undefined;
  const original = createArchitecture(entry.network);
  const batch = entry.batches[rng.integer(0, entry.batches.length - 1)] as number;
  return toPick(original, drawWidths(original, align, rng), batch);
}

/** Its own weight times how badly it is explained, against all: from half to twice as often. */
function weigh(pool: readonly NetworkPool[], { leftOut }: TimingsFit): readonly number[] {
  const meanOf = (errors: readonly { readonly error: number }[]): number =>
    errors.reduce((sum, { error }) => sum + error, 0) / errors.length;
  const all = meanOf(leftOut);
  return pool.map(({ network, weight }) => {
    const own = leftOut.filter((each) => each.network === network);
    return own.length < 2 || !(all > 0) ? weight : weight * Math.min(2, Math.max(0.5, meanOf(own) / all));
  });
}

function toPick(original: Architecture, widths: Widths, batch: number): NetworkPick {
  return { network: original.name, widths, batch, architecture: withWidths(original, widths) };
}

function keyOf(network: string, batch: number, widths: Widths): string {
  return `${network} ${batch} ${[...widths].map(([group, width]) => `${group}=${width}`).join()}`;
}
