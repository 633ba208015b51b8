import { findPrunableLayers, type LayerDensities } from '../density/layer-densities.js';
import type { Architecture } from '../ir/architecture.js';
import { type Crop, type CropOptions, cropArchitecture } from './apply.js';

/** A crop by what a criterion keeps of each layer. */
export interface ScoredCrop extends Crop {
  /** Layers of which the criterion keeps nothing, counted as one weight: a crop cannot take a layer away. */
  readonly raised: readonly string[];
}

/**
 * Turns the layer densities of any criterion's masks into widths, on the same path as a density method's. Which weights the criterion would
 * keep does not matter here, only how many of each layer.
 * @param densities `toLayerDensities` of the masks.
 * @throws UsageError and BudgetError as `cropArchitecture` does.
 */
export function fromScores(architecture: Architecture, densities: LayerDensities, options: Omit<CropOptions, 'density'> = {}): ScoredCrop {
  const raised = new Map(
    findPrunableLayers(architecture)
      .filter(({ id }) => densities.get(id) === 0)
      .map(({ id, prunable }) => [id, 1 / prunable]),
  );
  return { ...cropArchitecture(architecture, { ...options, density: new Map([...densities, ...raised]) }), raised: [...raised.keys()] };
}
