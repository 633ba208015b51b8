import { type Side, toCropModel } from '../crop/crop-layers.js';
import type { Architecture } from '../ir/architecture.js';
import type { Setting } from '../ir/placed-nodes.js';
import type { WidthLattice } from './width-lattice.js';

/** What a plan maximises. A sum of terms, each of which looks at few groups. */
export interface Objective {
  valueOf(setting: Setting): number;
  /** The terms that look at a group. */
  valueAround(group: number, setting: Setting): number;
}

export type ObjectiveName = 'synexp' | 'concave';

/**
 * Σ log of the density of every layer: the expected synaptic flow. Cai et al., arXiv 2203.02549, eq. 4, on whole widths. A density is a product of
 * sides, and layers that read or write the same channels share a side: its logarithm counts as often as it occurs.
 */
function createSynexp(architecture: Architecture, lattice: WidthLattice): Objective {
  const index = new Map(lattice.groups.map(({ name }, at) => [name, at]));
  const layers = toCropModel(architecture).layers.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const sides = new Map<string, { readonly side: IndexedSide; times: number }>();
  for (const side of layers.flatMap((layer) => layer.sides.map((each) => toIndexed(each, index, lattice)))) {
    const key = JSON.stringify(side);
    const known = sides.get(key);
    if (known) known.times++;
    else sides.set(key, { side, times: 1 });
  }
  return toSum(
    lattice,
    [...sides.values()].map(({ side, times }) => ({
      groups: side.shares.map(({ group }) => group),
      at: (setting) => times * Math.log(ratioAt(side, setting)),
    })),
  );
}

/** Σ √(width / original width): each group's further channels are worth less and less, whatever the layers around it. */
function createConcave(_: Architecture, lattice: WidthLattice): Objective {
  return toSum(
    lattice,
    lattice.groups.map(({ width }, group) => ({
      groups: [group],
      at: (setting) => Math.sqrt((setting[group] as number) / width),
    })),
  );
}

export const objectives: Readonly<Record<ObjectiveName, (architecture: Architecture, lattice: WidthLattice) => Objective>> = {
  synexp: createSynexp,
  concave: createConcave,
};

interface Term {
  readonly groups: readonly number[];
  readonly at: (setting: Setting) => number;
}

function toSum({ groups }: WidthLattice, terms: readonly Term[]): Objective {
  const around = groups.map((_, group) => terms.filter((term) => term.groups.includes(group)));
  const sum = (list: readonly Term[], setting: Setting): number => {
    let total = 0;
    for (let index = 0; index < list.length; index++) total += (list[index] as Term).at(setting);
    return total;
  };
  return {
    valueOf: (setting) => sum(terms, setting),
    valueAround: (group, setting) => sum(around[group] ?? [], setting),
  };
}

interface IndexedSide {
  readonly fixed: number;
  readonly shares: readonly { readonly group: number; readonly perChannel: number }[];
}

function toIndexed({ fixed, shares }: Side, index: ReadonlyMap<string, number>, { groups }: WidthLattice): IndexedSide {
  return {
    fixed,
    shares: [...shares].map(([name, share]) => {
      const group = index.get(name) ?? 0;
      return { group, perChannel: share / (groups[group]?.width ?? 1) };
    }),
  };
}

function ratioAt({ fixed, shares }: IndexedSide, setting: Setting): number {
  let ratio = fixed;
  for (let index = 0; index < shares.length; index++) {
    const { group, perChannel } = shares[index] as IndexedSide['shares'][0];
    ratio += perChannel * (setting[group] as number);
  }
  return ratio;
}
