import type { Rng } from '@precrop/sdk/core/rng';
import { nearestWidth, widthRangeOf } from '@precrop/sdk/crop/alignment';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { findWidthGroups } from '@precrop/sdk/ir/width-groups';
import type { Widths } from '@precrop/sdk/ir/widths';

/** The least share of all channels that a network keeps, before its groups deviate from it. */
const leastShare = 0.2;
/** A group deviates from its network's share by at most the factor e^0.5 to either side. */
const groupSpread = 0.5;

/** Widths of all groups, at random: one share for the network, log-uniform, and each group around it; multiples of `align`. */
export function drawWidths(architecture: Architecture, align: number, rng: Rng): Widths {
  const share = leastShare ** rng.uniform();
  return new Map(
    findWidthGroups(architecture).groups.map((group) => {
      const own = share * Math.exp((2 * rng.uniform() - 1) * groupSpread);
      return [group.name, nearestWidth(Math.min(1, own) * group.width, widthRangeOf(group, align))];
    }),
  );
}

/** Each group as narrow as it is ever drawn. */
export function toNarrowest(architecture: Architecture, align: number): Widths {
  const share = leastShare * Math.exp(-groupSpread);
  return new Map(
    findWidthGroups(architecture).groups.map((group) => [group.name, nearestWidth(share * group.width, widthRangeOf(group, align))]),
  );
}

export function toOriginal(architecture: Architecture): Widths {
  return new Map(findWidthGroups(architecture).groups.map(({ name, width }) => [name, width]));
}
