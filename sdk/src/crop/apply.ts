import { UsageError } from '../core/errors.js';
import { type FractionBudget, validateBudget } from '../density/budget.js';
import { countKept, type LayerDensities, sumLogDensity } from '../density/layer-densities.js';
import { findDensities } from '../density/registry.js';
import type { Architecture } from '../ir/architecture.js';
import { countArchitecture } from '../ir/count.js';
import { type Widths, withWidths } from '../ir/widths.js';
import { type CropModel, realisedDensities, toCropModel } from './crop-layers.js';
import { roundWidths } from './round-widths.js';
import { toWidthRatios } from './width-ratios.js';

export interface CropOptions {
  /** A density method (`synexp`, `uniform`, `er`, `erk`, `igq`), or densities that something else found. */
  readonly density: string | LayerDensities;
  /** Fractions of the original's trainable parameters and MACs. May be left out with given densities: then what those keep of the weights. */
  readonly budget?: FractionBudget | undefined;
  /** Widths become multiples of this; default 8. */
  readonly align?: number | undefined;
  /** The largest density; above 1 layers may grow. Default 1. */
  readonly upperBound?: number | undefined;
}

export interface Crop {
  readonly architecture: Architecture;
  readonly widths: Widths;
  /** The densities that were asked for. */
  readonly densities: LayerDensities;
  /** The densities that the widths give. */
  readonly realisedDensities: LayerDensities;
  /** Exact trainable parameters and MACs of the crop, and as fractions of the original's. */
  readonly params: number;
  readonly macs: number;
  readonly paramsRatio: number;
  readonly macsRatio: number;
  /** Σ log of the realised densities: 0 for the original. */
  readonly objective: number;
}

/**
 * Crops an architecture before training: layer densities, then width ratios, then whole widths that hold the budget exactly.
 * @throws UsageError for an unknown method, a budget or a density of 0 or above the upper bound; BudgetError when no widths hold it.
 * @example const { architecture } = cropArchitecture(createArchitecture('resnet-20'), { density: 'synexp', budget: { macs: 0.25 } });
 */
export function cropArchitecture(architecture: Architecture, options: CropOptions): Crop {
  const { align = 8, upperBound = 1 } = options;
  const model = toCropModel(architecture);
  const budget = options.budget ?? budgetOf(model, options.density);
  validateBudget(budget, upperBound);
  const densities =
    typeof options.density === 'string'
      ? findDensities(architecture, options.density, budget, upperBound)
      : checkDensities(architecture.name, model, options.density, upperBound);
  const ratios = toWidthRatios(model, densities, budget, upperBound);
  return describeCrop(architecture, model, densities, roundWidths(architecture, ratios, budget, { align, upperBound }));
}

function describeCrop(original: Architecture, model: CropModel, densities: LayerDensities, widths: Widths): Crop {
  const architecture = withWidths(original, widths);
  const before = countArchitecture(original);
  const { params, macs } = countArchitecture(architecture);
  const ratios = new Map(model.groups.map(({ name, width }) => [name, (widths.get(name) ?? width) / width]));
  const realised = realisedDensities(model.layers, ratios);
  return {
    architecture,
    widths,
    densities,
    realisedDensities: realised,
    params,
    macs,
    paramsRatio: params / before.params,
    macsRatio: macs / before.macs,
    objective: sumLogDensity(realised),
  };
}

function budgetOf(model: CropModel, density: string | LayerDensities): FractionBudget {
  return typeof density === 'string' ? {} : { params: countKept(model.layers, density).params };
}

function checkDensities(name: string, model: CropModel, densities: LayerDensities, upperBound: number): LayerDensities {
  const known = new Set(model.layers.map(({ id }) => id));
  for (const [id, density] of densities) {
    if (!known.has(id)) throw new UsageError(`${name} has no prunable layer "${id}". Its layers are: ${[...known].join(', ')}.`);
    if (density > 0 && density <= upperBound) continue;
    throw new UsageError(`The density of layer "${id}" is ${density}, but must be above 0 and at most ${upperBound}.`);
  }
  return densities;
}
