import { basename, dirname } from 'node:path';
import { UsageError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import { describeDataset } from '@precrop/sdk/data/registry';
import type { Model } from '@precrop/sdk/export/model';
import { importModel } from '@precrop/sdk/export/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { toInference } from '@precrop/sdk/program/training-step';
import { initializeVariables, selectWeights } from '@precrop/sdk/program/variables';
import { loadCheckpoint } from '@precrop/sdk/train/checkpoint';
import { loadModelFolder } from '../store/model-folder.js';
import { findRun, toRunFolder } from '../store/run-folder.js';
import { readModelFile } from './read-model-file.js';

/** Where a model comes from. */
export type ModelSource =
  /** Untrained: weights by the seed, the same that a training run with that seed begins with. */
  | { readonly kind: 'architecture'; readonly architecture: Architecture; readonly seed: number; readonly planHash?: string | undefined }
  /** The folder of a training run, as far as it is trained. */
  | { readonly kind: 'run'; readonly path: string }
  /** The folder of an imported model. */
  | { readonly kind: 'imported'; readonly path: string }
  /** A file or folder that another program may have written. */
  | { readonly kind: 'file'; readonly path: string };

export interface SourcedModel extends Model {
  /** Where it comes from, in words. */
  readonly origin: string;
}

/**
 * The model of a source, with the weights that inference needs and no others.
 * @throws UsageError for a run without a checkpoint; ModelFileError for a file that is broken or holds what does not fit; TrainingError for
 * a damaged checkpoint.
 */
export async function loadModelSource(source: ModelSource): Promise<SourcedModel> {
  const model = await loadFrom(source);
  return { ...model, weights: selectWeights([toInference(model.architecture)], model.weights) };
}

async function loadFrom(source: ModelSource): Promise<SourcedModel> {
  switch (source.kind) {
    case 'architecture': {
      const { architecture, seed, planHash } = source;
      const weights = initializeVariables(toInference(architecture).variables, createRng(seed).fork('weights'));
      return { architecture, weights, metadata: { planHash }, origin: `untrained, seed ${seed}` };
    }
    case 'run':
      return loadRun(source.path);
    case 'imported': {
      const { importedFrom, ...model } = await loadModelFolder(source.path);
      return { ...model, origin: `${source.path}, imported from ${importedFrom}` };
    }
    case 'file':
      return { ...(await readModelFile(source.path, importModel)), origin: source.path };
  }
}

async function loadRun(path: string): Promise<SourcedModel> {
  const [runs, name] = [dirname(path), basename(path)];
  const { architecture, dataset, recipe } = await findRun(runs, name);
  const checkpoint = await loadCheckpoint(toRunFolder(runs, name).checkpoint);
  if (!checkpoint) {
    throw new UsageError(
      `The run ${name} has no weights yet: it was stopped before its first checkpoint. Train it with: precrop train --resume ${path}`,
    );
  }
  const { classNames, mean, std } = describeDataset(dataset.name);
  const { epoch, step } = checkpoint.state;
  const part = step > 0 ? ' and a part' : '';
  return {
    architecture,
    weights: checkpoint.weights,
    metadata: { classNames, normalization: { mean, std } },
    origin: `run ${name}, ${epoch}${part} of ${recipe.epochs} ${recipe.epochs === 1 ? 'epoch' : 'epochs'} on ${dataset.name}`,
  };
}
