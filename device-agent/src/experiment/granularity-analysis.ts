import { excludesZero, type MeanInterval, toBlockedInterval, toMeanInterval } from '../measure/mean-interval.js';
import { type CellGroup, looksAtWeights, toCellGroups } from './cell-groups.js';
import type { CellResult } from './cell-result.js';
import { type Cell, nameCell, type Realisation, realisations } from './granularity-cells.js';

export interface GranularityAnalysis {
  readonly original: CellGroup | undefined;
  readonly groups: readonly CellGroup[];
  readonly pooled: readonly PooledDifference[];
  /** Names of the trainings that were asked for and are not there. */
  readonly missing: readonly string[];
}

/** How much a realisation differs from the unstructured masks, over all sources and densities that were paired. */
export interface PooledDifference {
  readonly realisation: Realisation;
  readonly groups: readonly { readonly source: string; readonly density: number }[];
  /** Each source and density is a block of its own, and every pair counts. */
  readonly byPair: MeanInterval;
  /** Seeds alone count, each with its mean over the groups: right even where a seed moves all groups alike. Null where no seed has all. */
  readonly bySeed: MeanInterval | null;
  /** The masks were drawn at random in both: what differs here is chance alone. */
  readonly isControl: boolean;
}

/** What the trainings say. A training that is missing is named; nothing is put in its place. */
export function analyseGranularity(results: readonly CellResult[], asked: readonly Cell[]): GranularityAnalysis {
  const all = toCellGroups(results);
  const groups = all.filter(({ realisation }) => realisation !== 'original');
  const done = new Set(results.map(({ cell }) => nameCell(cell)));
  return {
    original: all.find(({ realisation }) => realisation === 'original'),
    groups,
    pooled: realisations.flatMap((realisation) => {
      const same = groups.filter((group) => group.realisation === realisation && group.difference !== null);
      return [false, true].flatMap((isControl) => {
        const members = same.filter((group) => isChanceAlone(group) === isControl);
        return members.length === 0 ? [] : [pool(realisation, members, isControl)];
      });
    }),
    missing: asked.map(nameCell).filter((name) => !done.has(name)),
  };
}

/** How surely a pooled difference is one: by both ways of counting, by one of them, by none, or not to be said for want of a second seed. */
export type Certainty = 'sure' | 'likely' | 'unseen' | 'unrepeated';

export function certaintyOf({ byPair, bySeed }: PooledDifference): Certainty {
  if (byPair.low === null) return 'unrepeated';
  const excluded = [byPair, bySeed].filter((interval) => interval !== null && excludesZero(interval)).length;
  return (['unseen', 'likely', 'sure'] as const)[excluded] ?? 'unseen';
}

function isChanceAlone({ source, realisation }: CellGroup): boolean {
  return (realisation === 'shuffled' || realisation === 'redrawn') && source !== undefined && !looksAtWeights(source);
}

function pool(realisation: Realisation, groups: readonly CellGroup[], isControl: boolean): PooledDifference {
  const differences = groups.map(({ difference }) => difference?.bySeed ?? []);
  const seeds = [...new Set(differences.flatMap((each) => each.map(({ seed }) => seed)))];
  const meansBySeed = seeds.flatMap((seed) => {
    const ofSeed = differences.flatMap((each) => each.filter((one) => one.seed === seed));
    return ofSeed.length === groups.length ? [toMeanInterval(ofSeed.map(({ difference }) => difference)).mean] : [];
  });
  return {
    realisation,
    groups: groups.map(({ source = '', density }) => ({ source, density })),
    byPair: toBlockedInterval(differences.map((each) => each.map(({ difference }) => difference))),
    bySeed: meansBySeed.length === 0 ? null : toMeanInterval(meansBySeed),
    isControl,
  };
}
