import type { PrimitiveTable } from '../primitive.js';

type Kinds = 'assign' | 'applyMomentum' | 'applyAdam';

/** Primitives that write a variable. They have no outputs and no gradient. */
export const update: PrimitiveTable<Kinds> = {
  assign: { outputs: () => [] },
  /** velocity = momentum · velocity + gradient; variable -= learningRate · (nesterov ? gradient + momentum · velocity : velocity). */
  applyMomentum: { outputs: () => [] },
  /** Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2. */
  applyAdam: { outputs: () => [] },
};
