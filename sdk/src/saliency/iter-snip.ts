import type { Criterion } from './criterion.js';
import { createSensitivity } from './sensitivity.js';

/** A choice: the authors' code (github.com/naver/force) takes the number as an option. */
const iterations = 60;

/**
 * Iterative SNIP: de Jorge et al. 2021, "Progressive skeletonization: trimming more fat from a network at initialization", arXiv 2006.09081: SNIP's
 * score |θ · ∂L/∂θ| again after each step of an exponential schedule. What is gone stays gone.
 */
export const iterSnip: Criterion = createSensitivity('iter-snip', { iterations, kind: 'exponential', revives: false });

/**
 * FORCE, foresight connection sensitivity: the same paper. The gradient is that of the pruned network, by all weights,
 * and a weight that was removed comes back when its score |θ · ∂L/∂θ| is among the highest again: only the last masks are binding.
 */
export const force: Criterion = createSensitivity('force', { iterations, kind: 'exponential', revives: true });
