import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { BackendError, UsageError } from '@precrop/sdk/core/errors';
import type { NetworksToCompare } from '../compare/compare-networks.js';
import type { NamedProbe } from '../setup/doctor.js';
import { type ResolvedBackend, resolveBackend } from '../setup/probe-backend.js';
import { parseRuntimes, pickUsable, probeRuntimeLadder } from '../setup/probe-runtime.js';
import type { Session } from './command-line.js';
import { type CheckedDataset, loadDatasetFacts, requireFit } from './load-dataset-facts.js';
import { type RecipeOptions, toRecipe } from './recipe-options.js';

/** As commander gives them. */
export interface CompareCommandOptions extends Omit<RecipeOptions, 'batch'> {
  readonly arch: string;
  readonly density: number;
  readonly crops: readonly string[];
  readonly sparse: readonly string[];
  readonly seeds: number;
  readonly align: number;
  readonly data: string;
  readonly trainImages?: number;
  readonly testImages?: number;
  readonly batch: readonly number[];
  readonly runtime: string;
  readonly limit: number;
  readonly trainBatch: number;
  readonly runs: string;
  readonly output: string;
}

export interface ResolvedComparison {
  readonly networks: NetworksToCompare;
  readonly facts: CheckedDataset;
  readonly backend: ResolvedBackend;
  readonly runtimes: readonly NamedProbe[];
}

/**
 * What a comparison is asked to do on this machine.
 * @throws UsageError for names that do not exist, images that do not fit or are too few; BackendError where nothing can be timed.
 */
export async function resolveComparison(options: CompareCommandOptions, session: Session): Promise<ResolvedComparison> {
  const { density, crops, sparse, align, batch: batches, trainImages, testImages, seed: first, trainBatch } = options;
  const architecture = createArchitecture(options.arch);
  const asked = parseRuntimes(options.runtime);
  const dataset = { name: options.data, trainImages, testImages, seed: 0 };
  const facts = await loadDatasetFacts(dataset, session);
  requireFit(architecture, facts);
  if (trainBatch > facts.trainImages) {
    throw new UsageError(
      `--train-batch is ${trainBatch}, but there are ${facts.trainImages} training images: choose a smaller batch or more images.`,
    );
  }
  const { backend, runtimes } = await session.progress.run(
    { title: 'Device' },
    async () => ({
      backend: await resolveBackend('auto', session.context),
      runtimes: pickUsable(await probeRuntimeLadder(session.context, asked)),
    }),
    ({ backend: { used }, runtimes: found }) => `${used}; ${found.map(({ name }) => name).join(', ')}`,
  );
  if (runtimes.length === 0) throw new BackendError(`None of ${asked.join(', ')} can be used here. precrop doctor says what to do.`);
  return {
    facts,
    backend,
    runtimes,
    networks: {
      architecture,
      density,
      crops,
      sparse,
      align,
      batches,
      dataset,
      seeds: Array.from({ length: options.seeds }, (_, index) => first + index),
      recipe: toRecipe({ ...options, batch: trainBatch }),
      backend: backend.used,
      runtimes: runtimes.map(({ name }) => name),
      runsDirectory: options.runs,
      budgetMs: 1000 * options.limit,
    },
  };
}
