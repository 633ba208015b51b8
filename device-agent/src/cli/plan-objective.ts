import { UsageError } from '@precrop/sdk/core/errors';
import { findPrunableLayers, type LayerDensities } from '@precrop/sdk/density/layer-densities';
import { densityMethods, findDensityMethod } from '@precrop/sdk/density/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import type { Choice } from '@precrop/sdk/plan/front';
import { criteria } from '@precrop/sdk/saliency/registry';
import type { Session } from './command-line.js';
import { scoreDensities } from './score-densities.js';

/** Those that need no densities, by name. */
const plain = ['synexp', 'concave', 'uniform'] as const;

/** Every name that an objective may have. */
export const objectiveNames: readonly string[] = [
  ...plain,
  ...densityMethods.map(({ name }) => name).filter((name) => !plain.some((each) => each === name)),
  ...criteria.map(({ name }) => name),
];

/** Share of the weights at which densities are taken; all are scaled alike then. */
const densityShare = 0.1;

/**
 * What a plan maximises: by name, or the densities of a method or of a criterion that scores an untrained network.
 * @throws UsageError as `scoreDensities` does.
 */
export async function findObjective(
  name: string,
  architecture: Architecture,
  { data, seed }: { readonly data?: string | undefined; readonly seed: number },
  growth: number,
  session: Session,
): Promise<Choice> {
  const known = plain.find((each) => each === name);
  if (known) return known;
  if (growth > 1) throw new UsageError(`--allow-wider needs an objective that may widen layers: synexp, concave or uniform, not ${name}.`);
  const densities = densityMethods.some((method) => method.name === name)
    ? findDensityMethod(name).findDensities(findPrunableLayers(architecture), { params: densityShare }, 1)
    : (await scoreDensities(architecture, { source: name, density: densityShare, data, seed }, session)).report.densities;
  return { name, densities: raiseEmpty(architecture, densities) };
}

/** A layer of which nothing is kept counts as one weight: a crop cannot take a layer away. */
function raiseEmpty(architecture: Architecture, densities: LayerDensities): LayerDensities {
  return new Map(findPrunableLayers(architecture).map(({ id, prunable }) => [id, densities.get(id) || 1 / prunable]));
}
