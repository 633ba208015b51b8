import { findClosest } from '../architectures/closest-text.js';
import { UsageError } from '../core/errors.js';
import type { Criterion } from './criterion.js';
import { grasp } from './grasp.js';
import { ntkSap } from './ntk-sap.js';
import { prospr } from './prospr.js';
import { synflow } from './synflow.js';

/** Every criterion. A new one joins here. */
export const criteria: readonly Criterion[] = [synflow, grasp, ntkSap, prospr];

/** @throws UsageError for an unknown name, with the names that exist. */
export function findCriterion(name: string): Criterion {
  const criterion = criteria.find((candidate) => candidate.name === name);
  if (criterion) return criterion;
  const names = criteria.map((each) => each.name);
  const closest = findClosest(name, names);
  const hint = closest === undefined ? '' : ` Did you mean ${closest}?`;
  throw new UsageError(`There is no criterion "${name}".${hint} The criteria are: ${names.join(', ')}.`);
}
