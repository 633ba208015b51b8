import { UsageError } from '../core/errors.js';
import { findPrunableLayers } from '../density/layer-densities.js';
import { densityMethods, findDensities } from '../density/registry.js';
import type { Masks } from '../mask/masks.js';
import { drawMasks } from '../mask/realise.js';
import type { ScoringTask } from './criterion.js';
import { pruneNetwork } from './prune.js';
import { criteria, findCriterion } from './registry.js';

/** All that can say which weights stay: criteria score them, density methods only say how many a layer keeps. */
export const maskSources: readonly string[] = [...criteria, ...densityMethods].map(({ name }) => name);

/** Whether `findMasks` needs a batch of labelled images for this source. @throws UsageError for an unknown name. */
export function needsData(source: string): boolean {
  return isDensityMethod(source) ? false : findCriterion(checkSource(source)).needsData;
}

/**
 * Masks at a density over all prunable weights: a criterion's, or random ones by the layer densities of a method such as ERK.
 * @throws UsageError for an unknown source or a density outside (0, 1].
 */
export async function findMasks(source: string, task: ScoringTask, density: number): Promise<Masks> {
  if (!isDensityMethod(source)) return pruneNetwork(findCriterion(checkSource(source)), task, density);
  const densities = findDensities(task.architecture, source, { params: density });
  return drawMasks(findPrunableLayers(task.architecture), densities, task.context.rng.fork('mask', source));
}

function isDensityMethod(name: string): boolean {
  return densityMethods.some((method) => method.name === name);
}

function checkSource(name: string): string {
  if (maskSources.includes(name)) return name;
  throw new UsageError(`Nothing called "${name}" chooses weights or densities. There are: ${maskSources.join(', ')}.`);
}
