import type { LayerDensities } from '../density/layer-densities.js';
import type { Architecture } from '../ir/architecture.js';
import { findCollapsed } from './collapse.js';
import { countEffectiveDensity } from './effective-density.js';
import { countDensity, type Masks, toLayerDensities } from './masks.js';

/** What masks leave of a network. */
export interface MaskReport {
  /** Share of all prunable weights that stay. */
  readonly density: number;
  /** Share of them that stay and lie on a path from the image to a logit. */
  readonly effectiveDensity: number;
  /** Share of each layer's weights that stay. */
  readonly densities: LayerDensities;
  /** Layers of which nothing stays, by name. */
  readonly collapsed: readonly string[];
}

/** Counts what masks leave. */
export function reportMasks(architecture: Architecture, masks: Masks): MaskReport {
  const densities = toLayerDensities(masks);
  return {
    density: countDensity(masks),
    effectiveDensity: countEffectiveDensity(architecture, masks),
    densities,
    collapsed: findCollapsed(densities),
  };
}
