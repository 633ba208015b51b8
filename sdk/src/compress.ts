import type { Backend } from './backends/backend.js';
import type { RunContext } from './core/context.js';
import type { EpochRecord } from './core/events.js';
import { createCostModel, selectEngine } from './cost/cost-model.js';
import type { DeviceProfile } from './cost/device-profile.js';
import type { ImageDataset } from './data/dataset.js';
import type { Model } from './export/model.js';
import type { Architecture } from './ir/architecture.js';
import { withWidths } from './ir/widths.js';
import type { Budget } from './plan/budget.js';
import { type Choice, findFront } from './plan/front.js';
import { createInfeasibleError } from './plan/infeasible.js';
import { pickPlan } from './plan/pick.js';
import type { Candidate } from './plan/result.js';
import { defaultRecipe, type Recipe } from './train/recipe.js';
import { train } from './train/trainer.js';

export interface CompressOptions {
  readonly profile: DeviceProfile;
  readonly budget: Budget;
  readonly dataset: ImageDataset;
  readonly backend: Backend;
  readonly context: RunContext;
  /** A runtime of the profile; default: its fastest. */
  readonly runtime?: string | undefined;
  /** Images of a call, for latency and memory. Default 1. */
  readonly batch?: number | undefined;
  readonly objective?: Choice | undefined;
  readonly align?: number | undefined;
  readonly recipe?: Recipe | undefined;
}

export interface Compressed {
  readonly model: Model;
  readonly plan: Candidate;
  readonly records: readonly EpochRecord[];
}

/**
 * The whole method: what this device can do (a profile) says what a network of any widths costs; of those that hold the budget the best is
 * taken; it is built, small and dense, and trained. Its costs are predictions: `precrop plan` also measures them on the device.
 * @throws BudgetError where no widths hold the budget; TrainingError; CancelledError.
 */
export async function compress(architecture: Architecture, options: CompressOptions): Promise<Compressed> {
  const { profile, budget, dataset, backend, context, batch = 1, recipe = defaultRecipe } = options;

  const costs = createCostModel(profile);
  const latency = { costs: selectEngine(costs.inference, options.runtime), batch };
  const trainStep = costs.training[0] && { costs: costs.training[0], batch: recipe.batch };

  const front = findFront(architecture, { latency, trainStep }, options);
  const result = pickPlan(front, budget);
  if (result.status === 'infeasible') {
    const { engine, threads } = latency.costs;
    const place = { architecture: architecture.name, align: front.align, where: `${engine}, ${threads} threads, batch ${batch}` };
    const { widths, cost } = result.nearest;
    throw createInfeasibleError(place, budget, { ...result, nearest: { widths: Object.fromEntries(widths), costs: cost } });
  }

  const crop = withWidths(architecture, result.chosen.widths);
  const { records, weights } = await train({ architecture: crop, dataset, recipe, backend, context });

  const { classNames, mean, std } = dataset;
  const model = { architecture: crop, weights, metadata: { classNames, normalization: { mean, std } } };
  return { model, plan: result.chosen, records };
}
