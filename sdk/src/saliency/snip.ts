import { type Criterion, oneShot } from './criterion.js';
import { createSensitivity } from './sensitivity.js';

/**
 * SNIP: Lee, Ajanthan & Torr 2019, "SNIP: single-shot network pruning based on connection sensitivity", arXiv 1810.02340, eq. 4 and 5. With c = 1 on
 * every weight, |∂L(c · θ)/∂c| = |θ · ∂L/∂θ|. The sum that eq. 5 divides by changes no ranking and is left out.
 */
export const snip: Criterion = createSensitivity('snip', oneShot);
