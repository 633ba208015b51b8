import { findClosest } from '../architectures/closest-text.js';
import { UsageError } from '../core/errors.js';
import type { Criterion } from './criterion.js';
import { grasp } from './grasp.js';
import { force, iterSnip } from './iter-snip.js';
import { magnitude } from './magnitude.js';
import { ntkSap } from './ntk-sap.js';
import { phew } from './phew.js';
import { prospr, prosprFirstOrder } from './prospr.js';
import { random } from './random.js';
import { snip } from './snip.js';
import { synflow } from './synflow.js';

/** Every criterion. A new one joins here. */
export const criteria: readonly Criterion[] = [
  random,
  magnitude,
  snip,
  iterSnip,
  force,
  grasp,
  synflow,
  phew,
  ntkSap,
  prospr,
  prosprFirstOrder,
];

/** @throws UsageError for an unknown name, with the names that exist. */
export function findCriterion(name: string): Criterion {
  const criterion = criteria.find((candidate) => candidate.name === name);
  if (criterion) return criterion;
  const names = criteria.map((each) => each.name);
  const closest = findClosest(name, names);
  const hint = closest === undefined ? '' : ` Did you mean ${closest}?`;
  throw new UsageError(`There is no criterion "${name}".${hint} The criteria are: ${names.join(', ')}.`);
}
