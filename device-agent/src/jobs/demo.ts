import type { RunContext } from '@precrop/sdk/core/context';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { readWidths } from '@precrop/sdk/ir/widths';
import { measureLiveness } from '@precrop/sdk/program/liveness';
import { toTrainingStep } from '@precrop/sdk/program/training-step';
import type { Recipe } from '@precrop/sdk/train/recipe';
import type { Host } from '../host/host.js';
import { createReport } from '../report/create-report.js';
import type { ComparisonReport, Contender, ReportConditions } from '../report/report.js';
import { toReportHost, toReportRecipe } from '../report/training-conditions.js';
import type { NamedProbe } from '../setup/doctor.js';
import { pickUsable, probeRuntimeLadder } from '../setup/probe-runtime.js';
import { startWorker } from '../worker/start-worker.js';
import type { DatasetFacts } from './dataset-service.js';
import { type ContenderTimings, timeContenders } from './time-contenders.js';
import type { PlannedState } from './time-inference.js';
import type { DatasetChoice } from './training-description.js';
import { startTrainingRun, type TrainingResult } from './training-run.js';

export interface DemoOptions {
  readonly architecture: Architecture;
  readonly crop: ChosenCrop;
  readonly dataset: DatasetChoice;
  readonly recipe: Recipe;
  /** Batches at which inference is timed. */
  readonly inferenceBatches: readonly number[];
  /** The backend asked for, and the one that it came to: never `auto`. */
  readonly backend: { readonly asked: string; readonly used: string; readonly version: string };
  readonly runsDirectory: string;
  readonly host: Host;
}

/** The crop that is trained beside the original, and how it was chosen. */
export interface ChosenCrop {
  readonly architecture: Architecture;
  /** "planned for …", "synexp at 25 % of the MACs, …". */
  readonly words: string;
  /** Where it was planned, if it was. */
  readonly planned?: PlannedState | undefined;
}

/** Where the events of each part go; all have one signal. */
export interface DemoContexts {
  readonly general: RunContext;
  readonly original: RunContext;
  readonly crop: RunContext;
}

interface Pair<T> {
  readonly original: T;
  readonly crop: T;
}

/**
 * The whole method on one network: trains original and crop an epoch each in turn, each in its own process, then
 * times both in interleaved blocks, inference of each in the runtime of this machine that is fastest for it.
 */
export async function runDemo(options: DemoOptions, contexts: DemoContexts): Promise<ComparisonReport> {
  const startedAt = new Date().toISOString();
  const facts = await loadFacts(options.dataset, contexts.general);
  const original = options.architecture;
  const crop = options.crop.architecture;
  const architectures = { original, crop };
  const trained = await trainInTurn(architectures, { ...options, dataset: { ...options.dataset, name: facts.name } }, contexts);
  contexts.general.emit({ type: 'phase', name: 'timing', message: 'asking each runtime whether it works here' });
  const runtimes = pickUsable(await probeRuntimeLadder(contexts.general));
  const timings = await timeContenders(
    architectures,
    {
      backend: options.backend.used,
      runtimes: runtimes.map(({ name }) => name),
      batch: options.recipe.batch,
      inferenceBatches: options.inferenceBatches,
      planned: options.crop.planned,
    },
    contexts.general,
  );
  return createReport(
    toConditions(options, facts, timings, runtimes, startedAt),
    toContender('original', original, original, trained.original, timings.original, options.recipe),
    toContender('crop', crop, original, trained.crop, timings.crop, options.recipe),
  );
}

async function loadFacts(dataset: DatasetChoice, context: RunContext): Promise<DatasetFacts> {
  const worker = await startWorker('dataset', dataset, { context });
  const facts = await worker.call('facts');
  await worker.close();
  return facts;
}

// An epoch of the one, an epoch of the other: what the machine does meanwhile happens to both.
async function trainInTurn(architectures: Pair<Architecture>, options: DemoOptions, contexts: DemoContexts): Promise<Pair<TrainingResult>> {
  const { dataset, recipe, backend, runsDirectory } = options;
  const start = (name: keyof Pair<unknown>) =>
    startTrainingRun(
      { kind: 'train', architecture: architectures[name], dataset, recipe, backend: backend.used },
      runsDirectory,
      contexts[name],
    );
  const original = await start('original');
  const crop = await start('crop');
  try {
    for (let epoch = 0; epoch < recipe.epochs; epoch++) {
      for (const run of [original, crop]) if (epoch >= run.resumed) await run.trainEpoch();
    }
    return { original: await original.finish(), crop: await crop.finish() };
  } finally {
    await Promise.all([original.close(), crop.close()]);
  }
}

function toContender(
  name: Contender['name'],
  architecture: Architecture,
  original: Architecture,
  result: TrainingResult,
  timings: ContenderTimings,
  recipe: Recipe,
): Contender {
  const { params, macs } = countArchitecture(architecture);
  const widths = readWidths(architecture);
  return {
    name,
    architecture: architecture.name,
    widths: [...readWidths(original)].map(([group, originalWidth]) => ({
      group,
      width: widths.get(group) ?? originalWidth,
      originalWidth,
    })),
    params,
    macs,
    ...timings,
    peakRssBytes: {
      value: result.peakRssBytes,
      baselineBytes: result.baselineRssBytes,
      predictedBytes: measureLiveness(toTrainingStep(architecture, recipe.optimizer, recipe), recipe.batch).peakBytes,
    },
    accuracy: { final: result.accuracy, best: Math.max(...result.records.map(({ testAccuracy }) => testAccuracy)) },
    epochs: result.records,
  };
}

function toConditions(
  options: DemoOptions,
  facts: DatasetFacts,
  timings: Pair<ContenderTimings>,
  runtimes: readonly NamedProbe[],
  startedAt: string,
): ReportConditions {
  const { host, recipe, backend, dataset } = options;
  return {
    ...toReportHost(host),
    runtime: backend.asked,
    runtimeUsed: backend.used,
    threads: timings.original.trainStep.threads,
    batch: recipe.batch,
    inference: { asked: 'fastest', tried: runtimes.map(({ name }) => name) },
    versions: { ...host.versions, [backend.used]: backend.version, ...versionsOfUsed(runtimes, timings) },
    startedAt,
    dataset: { ...facts, trainImages: dataset.trainImages ?? facts.trainImages, testImages: dataset.testImages ?? facts.testImages },
    recipe: toReportRecipe(recipe),
    crop: options.crop.words,
  };
}

function versionsOfUsed(runtimes: readonly NamedProbe[], { original, crop }: Pair<ContenderTimings>): Readonly<Record<string, string>> {
  const used = [original, crop].flatMap(({ inference }) => inference.map(({ runtime }) => runtime));
  return Object.fromEntries(runtimes.filter(({ name }) => used.includes(name)).map(({ name, version = '' }) => [name, version]));
}
