import type { Conditions } from './conditions.js';

/** What samples must keep to, as data. */
export interface Rule {
  /** How bad it is; 0 where nothing is known. */
  readonly value: (samples: readonly number[], conditions: Conditions) => number;
  /** Above these the samples are noisy, or invalid. */
  readonly noisy: number;
  readonly invalid: number;
  /** A sentence. */
  readonly reason: (value: number, conditions: Conditions) => string;
}
