import { densityMethods } from '@precrop/sdk/density/registry';
import { type MeanInterval, toMeanInterval } from '../measure/mean-interval.js';
import type { CellResult } from './cell-result.js';
import { type Cell, nameCell, realisations } from './granularity-cells.js';

/** All trainings that differ in nothing but the seed. */
export interface CellGroup extends Omit<Cell, 'seed'> {
  /** By seed, in order. */
  readonly trainings: readonly { readonly seed: number; readonly accuracy: number }[];
  /** On the test images, after the last epoch; fractions. */
  readonly accuracy: MeanInterval;
  /** Mean shares of the original's prunable weights and MACs. */
  readonly kept: { readonly weights: number; readonly macs: number };
  /** Accuracy less that of the unstructured mask of the same source, density and seed; null where there is no such pair. */
  readonly difference: PairedDifference | null;
}

interface PairedDifference extends MeanInterval {
  readonly bySeed: readonly { readonly seed: number; readonly difference: number }[];
}

/** Trainings by what they share: sources that look at weights first, large densities before small ones, realisations in their order. */
export function toCellGroups(results: readonly CellResult[]): readonly CellGroup[] {
  const members = new Map<string, CellResult[]>();
  for (const result of results) {
    const name = nameCell({ ...result.cell, seed: 0 });
    members.set(name, [...(members.get(name) ?? []), result]);
  }
  return [...members.values()].map((each) => toGroup(each, results)).sort(compareGroups);
}

/** Density methods, and the random criterion, look at no weights: shuffling their masks, or drawing other weights, is but another draw. */
export function looksAtWeights(source: string): boolean {
  return source !== 'random' && !densityMethods.some(({ name }) => name === source);
}

function toGroup(members: readonly CellResult[], all: readonly CellResult[]): CellGroup {
  const ordered = [...members].sort((a, b) => a.cell.seed - b.cell.seed);
  const { seed: _, ...shared } = (ordered[0] as CellResult).cell;
  const trainings = ordered.map(({ cell, accuracy }) => ({ seed: cell.seed, accuracy }));
  return {
    ...shared,
    trainings,
    accuracy: toMeanInterval(trainings.map(({ accuracy }) => accuracy)),
    kept: { weights: toMean(ordered.map(({ kept }) => kept.weights)), macs: toMean(ordered.map(({ kept }) => kept.macs)) },
    difference: toDifference(ordered, all),
  };
}

function toDifference(members: readonly CellResult[], all: readonly CellResult[]): PairedDifference | null {
  const bySeed = members.flatMap(({ cell, accuracy }) => {
    if (cell.realisation === 'original' || cell.realisation === 'unstructured') return [];
    const name = nameCell({ ...cell, realisation: 'unstructured' });
    const partner = all.find((other) => nameCell(other.cell) === name);
    return partner ? [{ seed: cell.seed, difference: accuracy - partner.accuracy }] : [];
  });
  return bySeed.length === 0 ? null : { ...toMeanInterval(bySeed.map(({ difference }) => difference)), bySeed };
}

function toMean(values: readonly number[]): number {
  return toMeanInterval(values).mean;
}

function compareGroups(a: CellGroup, b: CellGroup): number {
  const [left, right] = [toRank(a), toRank(b)];
  const differing = left.findIndex((value, index) => value !== right[index]);
  return differing < 0 ? 0 : (left[differing] ?? '') < (right[differing] ?? '') ? -1 : 1;
}

function toRank({ source, density, realisation }: CellGroup): readonly (string | number)[] {
  const kind = source === undefined ? 0 : looksAtWeights(source) ? 1 : 2;
  return [kind, source ?? '', -density, realisation === 'original' ? -1 : realisations.indexOf(realisation)];
}
