import { UsageError } from '../core/errors.js';
import { formatSignificant } from '../core/units.js';
import type { Architecture } from '../ir/architecture.js';
import { type FractionBudget, validateBudget } from './budget.js';
import type { DensityMethod } from './density-method.js';
import { er, erk } from './erk.js';
import { igq } from './igq.js';
import { findPrunableLayers, type LayerDensities } from './layer-densities.js';
import { synexp } from './synexp.js';
import { uniform } from './uniform.js';

/** Every method that needs layer sizes alone. */
export const densityMethods: readonly DensityMethod[] = [synexp, uniform, er, erk, igq];

/** @throws UsageError for an unknown name, with the names that exist. */
export function findDensityMethod(name: string): DensityMethod {
  const method = densityMethods.find((candidate) => candidate.name === name);
  if (!method)
    throw new UsageError(`There is no density method "${name}". The methods are: ${densityMethods.map((each) => each.name).join(', ')}.`);
  return method;
}

/**
 * Layer densities of an architecture under a budget of its prunable weights and MACs, as fractions.
 * @param upperBound how dense a layer may become; above 1 only for methods that expand.
 * @throws UsageError for an unknown method, a budget of 0 or above the upper bound, an upper bound the method cannot use.
 */
export function findDensities(architecture: Architecture, name: string, budget: FractionBudget, upperBound = 1): LayerDensities {
  const method = findDensityMethod(name);
  validateBudget(budget, upperBound);
  if (upperBound > 1 && !method.expands) {
    const expanding = densityMethods.filter(({ expands }) => expands).map((each) => each.name);
    throw new UsageError(
      `"${name}" cannot let a layer grow to ${formatSignificant(upperBound)} of its size. Use ${expanding.join(' or ')}, or an upper bound of 1.`,
    );
  }
  return method.findDensities(findPrunableLayers(architecture), budget, upperBound);
}
