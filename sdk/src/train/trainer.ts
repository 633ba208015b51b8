import type { Backend, Weights } from '../backends/backend.js';
import { type RunContext, throwIfCancelled } from '../core/context.js';
import { TrainingError } from '../core/errors.js';
import type { EpochRecord } from '../core/events.js';
import { hashOf } from '../core/hash.js';
import { createRng } from '../core/rng.js';
import { type BatchSource, createBatches } from '../data/batches.js';
import type { ImageDataset } from '../data/dataset.js';
import { countSteps } from '../data/make-batch.js';
import type { Architecture } from '../ir/architecture.js';
import { applyMasks, kernelName, type Masks } from '../mask/masks.js';
import { optimizerFeeds } from '../program/optimizer.js';
import { maskName, toEvaluation, toTrainingStep } from '../program/training-step.js';
import { collectVariables, initializeVariables } from '../program/variables.js';
import { type Checkpoint, loadCheckpoint, saveCheckpoint, type TrainingState } from './checkpoint.js';
import { evaluate } from './evaluate.js';
import { addBatch, noMetrics, toMeans } from './metrics.js';
import { checkRecipe, type Recipe } from './recipe.js';
import { learningRateAt } from './schedule.js';
import { hashWeights } from './weights-file.js';

export interface TrainerOptions {
  readonly architecture: Architecture;
  readonly dataset: ImageDataset;
  readonly recipe: Recipe;
  readonly backend: Backend;
  readonly context: RunContext;
  /** File for the state of the run; it goes on from there when it exists. Without it nothing is kept. */
  readonly checkpoint?: string | undefined;
  /** Milliseconds of training between checkpoints within an epoch. Default 30 s. */
  readonly checkpointEveryMs?: number;
  /** Weights to begin with instead of random ones. */
  readonly weights?: Weights;
  /** Weights that are zeros and stay zeros, whatever the optimizer does. */
  readonly masks?: Masks | undefined;
}

/** A run of training, an epoch at a time. */
export interface Trainer {
  /** Epochs that are done, the resumed ones included. */
  readonly records: readonly EpochRecord[];
  readonly finished: boolean;
  /**
   * Trains one epoch (or the rest of one that was begun) and evaluates it.
   * @throws TrainingError when the loss is no number, CancelledError once the context is cancelled; the state is saved then.
   */
  trainEpoch(): Promise<EpochRecord>;
  readWeights(): Promise<Weights>;
  close(): Promise<void>;
}

/** Prepares a run, or picks up the one that `checkpoint` holds. */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { architecture, dataset, recipe, backend, context, masks } = options;
  checkRecipe(recipe);
  const masked = [...(masks?.keys() ?? [])].map(kernelName);
  const programs = [toTrainingStep(architecture, recipe.optimizer, recipe, masked), toEvaluation(architecture)];
  const stepsPerEpoch = countSteps(dataset.train.count, { batch: recipe.batch, dropRemainder: true });
  const start = await findStart(options);
  const executable = await backend.compile(programs);
  const initial = new Map([...initializeVariables(collectVariables(programs), createRng(recipe.seed).fork('weights')), ...start.weights]);
  await executable.writeVariables(masks ? toMaskedVariables(initial, masks) : initial);
  let { state } = start;
  let batches: BatchSource | undefined = openBatches(state);

  function openBatches({ epoch, step }: TrainingState): BatchSource | undefined {
    if (epoch >= recipe.epochs) return undefined;
    const { batch, augment, seed } = recipe;
    const order = { batch, augment, seed, epoch, shuffle: true, dropRemainder: true, startStep: step };
    return createBatches(dataset.train, dataset, order, { context });
  }

  let isSaved = start.state.epoch + start.state.step > 0;
  async function save(): Promise<void> {
    if (options.checkpoint === undefined) return;
    await saveCheckpoint(options.checkpoint, { state, weights: await executable.readVariables() });
    isSaved = true;
  }

  async function trainSteps(): Promise<void> {
    const total = recipe.epochs * stepsPerEpoch;
    const everyMs = options.checkpointEveryMs ?? 30_000;
    let savedAt = state.trainedMs;
    for await (const batch of batches ?? []) {
      const begun = context.clock();
      const done = state.epoch * stepsPerEpoch + state.step;
      const learningRate = learningRateAt(recipe.schedule, done, total);
      const feeds = { ...batch, ...optimizerFeeds(recipe.optimizer, learningRate, done) };
      const { loss: [loss = Number.NaN] = [], logits = new Float32Array() } = await executable.run('train', feeds);
      if (!Number.isFinite(loss)) throw lossError(loss, state, learningRate, isSaved);
      const stepMs = context.clock() - begun;
      const { epoch, step } = state;
      context.emit({ type: 'step', epoch, step, stepsPerEpoch, loss, learningRate, stepMs });
      state = {
        ...state,
        step: step + 1,
        metrics: addBatch(state.metrics, loss, logits, batch.labels),
        trainedMs: state.trainedMs + stepMs,
      };
      if (state.trainedMs - savedAt >= everyMs) {
        savedAt = state.trainedMs;
        await save();
      }
      // The step blocks this thread: a turn of the event loop lets a cancel through.
      await new Promise(setImmediate);
      throwIfCancelled(context);
    }
  }

  return {
    get records() {
      return state.records;
    },
    get finished() {
      return state.epoch >= recipe.epochs;
    },
    async trainEpoch() {
      try {
        await trainSteps();
        const { epoch, metrics, trainedMs } = state;
        const next = { ...state, epoch: epoch + 1, step: 0, metrics: noMetrics, trainedMs: 0 };
        batches = openBatches(next);
        const begun = context.clock();
        const test = await evaluate(executable, dataset.test, dataset, context);
        const train = toMeans(metrics);
        const record: EpochRecord = {
          epoch,
          trainLoss: train.loss,
          trainAccuracy: train.accuracy,
          testLoss: test.loss,
          testAccuracy: test.accuracy,
          learningRate: learningRateAt(recipe.schedule, epoch * stepsPerEpoch + stepsPerEpoch - 1, recipe.epochs * stepsPerEpoch),
          trainSeconds: trainedMs / 1000,
          evaluateSeconds: (context.clock() - begun) / 1000,
        };
        state = { ...next, records: [...state.records, record] };
        await save();
        context.emit({ type: 'epoch', record });
        return record;
      } catch (error) {
        await batches?.close();
        if (context.signal.aborted) await save();
        throw error;
      }
    },
    readWeights: () => executable.readVariables(),
    async close() {
      await batches?.close();
      executable.dispose();
    },
  };
}

// The weights under the masks, and the masks as variables.
function toMaskedVariables(variables: Weights, masks: Masks): Weights {
  const ones = [...masks].map(([id, mask]) => [maskName(kernelName(id)), Float32Array.from(mask)] as const);
  return new Map([...applyMasks(variables, masks), ...ones]);
}

// A fresh state, or the checkpoint's.
async function findStart({ architecture, dataset, recipe, checkpoint, weights, masks }: TrainerOptions): Promise<Checkpoint> {
  const initial = {
    ...(weights && { weights: hashWeights(weights) }),
    ...(masks && { masks: hashWeights(new Map([...masks].map(([id, mask]) => [id, Float32Array.from(mask)]))) }),
  };
  const description = hashOf({ architecture, recipe, dataset: [dataset.name, dataset.train.count, dataset.test.count], ...initial });
  const saved = checkpoint === undefined ? undefined : await loadCheckpoint(checkpoint);
  if (saved && saved.state.description !== description) {
    throw new TrainingError(
      `The checkpoint ${checkpoint} belongs to another run: architecture, data, recipe or first weights differ. Resume with the same options, or choose another folder.`,
    );
  }
  const fresh = { description, seed: recipe.seed, epoch: 0, step: 0, metrics: noMetrics, trainedMs: 0, records: [] };
  return saved ?? { state: fresh, weights: weights ?? new Map() };
}

function lossError(loss: number, { epoch, step }: TrainingState, learningRate: number, isSaved: boolean): TrainingError {
  const kept = isSaved ? ' The last good state is kept.' : '';
  return new TrainingError(
    `The loss became ${loss} in epoch ${epoch + 1}, step ${step + 1}, at a learning rate of ${learningRate.toPrecision(3)}.${kept} Begin anew with a lower peak learning rate.`,
    { details: { epoch, step, learningRate } },
  );
}

/** Trains to the end of the recipe. Gives all records and the weights. */
export async function train(options: TrainerOptions): Promise<{ readonly records: readonly EpochRecord[]; readonly weights: Weights }> {
  const trainer = await createTrainer(options);
  try {
    while (!trainer.finished) await trainer.trainEpoch();
    return { records: trainer.records, weights: await trainer.readWeights() };
  } finally {
    await trainer.close();
  }
}
