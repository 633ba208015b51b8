import { availableParallelism } from 'node:os';
import { readGroupLimits } from './group-limits.js';
import { readAllowedCores, toUsableCores } from './limits.js';
import { readText } from './read-text.js';

/** Cores that this process may use at once: those of the machine, of its affinity and of its container's quota, whichever is least. */
export function countUsableCores(): number {
  return toUsableCores({
    parallelism: availableParallelism(),
    allowedCores: readAllowedCores(readText),
    quotaCores: readGroupLimits(readText).quotaCores,
  });
}
