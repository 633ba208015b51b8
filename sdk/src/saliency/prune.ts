import { throwIfCancelled } from '../core/context.js';
import { findPrunableLayers } from '../density/layer-densities.js';
import { checkDensity, keepLargest } from '../mask/keep-largest.js';
import type { Masks, Scores } from '../mask/masks.js';
import type { Criterion, ScoringTask } from './criterion.js';

/**
 * The masks that a criterion gives at a density: of all prunable weights together round(density · n) stay. Iterations score the network under
 * the masks of the one before.
 * @param iterations instead of the criterion's own number.
 * @throws UsageError for a density outside (0, 1]; what `createScorer` throws; CancelledError.
 */
export async function pruneNetwork(
  criterion: Criterion,
  task: ScoringTask,
  density: number,
  iterations: number = criterion.schedule.iterations,
): Promise<Masks> {
  checkDensity(density); // before a criterion begins to work towards it
  const layers = findPrunableLayers(task.architecture);
  let masks: Masks = new Map(layers.map(({ id, prunable }) => [id, new Uint8Array(prunable).fill(1)]));
  const scorer = await criterion.createScorer(task);
  try {
    for (let iteration = 1; iteration <= iterations; iteration++) {
      await new Promise(setImmediate); // scoring blocks this thread: a turn of the event loop lets a cancel through
      throwIfCancelled(task.context);
      const next = density ** (iteration / iterations);
      const scores = await scorer.score(masks, iteration - 1, next);
      masks = keepLargest(criterion.schedule.revives ? scores : lastAmong(scores, masks), next);
      task.context.emit({ type: 'progress', name: criterion.name, done: iteration, total: iterations, unit: 'steps' });
    }
  } finally {
    scorer.dispose();
  }
  return masks;
}

/** Pruned weights come last, whatever they would score: even a kept weight's score may be 0. */
function lastAmong(scores: Scores, masks: Masks): Scores {
  return new Map(
    [...scores].map(([id, layer]) => {
      const mask = masks.get(id);
      return [id, layer.map((score, index) => (mask?.[index] === 0 ? Number.NEGATIVE_INFINITY : score))];
    }),
  );
}
