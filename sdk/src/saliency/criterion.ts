import type { Backend, Weights } from '../backends/backend.js';
import type { RunContext } from '../core/context.js';
import type { Batch } from '../data/make-batch.js';
import type { Architecture } from '../ir/architecture.js';
import type { Masks, Scores } from '../mask/masks.js';

/** What is scored: a network at its first weights, and what may be asked of it. */
export interface ScoringTask {
  readonly architecture: Architecture;
  /** All variables of the network as `initializeVariables` gives them, batch norm's included. */
  readonly weights: Weights;
  readonly backend: Backend;
  /** Labelled images, for criteria that need data. `sampleBatch` takes them from a data set. */
  readonly batch?: Batch | undefined;
  /** Its randomness is the criterion's own. */
  readonly context: RunContext;
}

/** How a criterion is asked again and again while the density falls. */
export interface PruningSchedule {
  readonly iterations: number;
  /** The density after iteration k (from 1) is density^(k / iterations). */
  readonly kind: 'exponential';
  /** Whether weights that an earlier iteration has pruned may come back. */
  readonly revives: boolean;
}

/** Made ready to score one network; compiled once, however many iterations there are. */
export interface Scorer {
  /**
   * One score a prunable weight, in the kernel's shape: the higher ones stay.
   * @param masks of the iteration before; all ones at first.
   * @param iteration from 0.
   * @param density of the masks that will be made of these scores. Most criteria rank and need not know; one that collects weights stops there.
   */
  score(masks: Masks, iteration: number, density: number): Promise<Scores>;
  dispose(): void;
}

/** Scores single weights before any training. One conformance suite (test/conformance) holds for all. */
export interface Criterion {
  readonly name: string;
  /** Whether it looks at labelled images. */
  readonly needsData: boolean;
  readonly schedule: PruningSchedule;
  /** @throws UsageError where it needs a batch and the task has none; BackendError where the backend cannot run its programs. */
  createScorer(task: ScoringTask): Promise<Scorer>;
}

/** One look at the network, and all is decided. */
export const oneShot: PruningSchedule = { iterations: 1, kind: 'exponential', revives: false };
