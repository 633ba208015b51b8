import { ModelFileError, UsageError } from '../core/errors.js';
import type { Architecture } from '../ir/architecture.js';
import { toInference } from '../program/training-step.js';
import { selectWeights } from '../program/variables.js';
import { bakeNormalization } from './bake-normalization.js';
import { foldBatchNorm } from './fold.js';
import type { Format, FormatName, ModelFile, WriteOptions } from './format.js';
import type { Model, StoredModel } from './model.js';

export interface ExportOptions extends Partial<WriteOptions> {
  /** Folds batch norms into the convolutions before them. Default: true. */
  readonly fold?: boolean;
  /** The file takes pixels in 0…1 and normalises them itself. Default: false. */
  readonly bakeNormalization?: boolean;
}

// Loaded when asked for: an app that writes ONNX needs no flatbuffers.
const formats: Readonly<Record<FormatName, () => Promise<Format>>> = {
  onnx: async () => (await import('./onnx/format.js')).onnx,
  tflite: async () => (await import('./tflite/format.js')).tflite,
  'saved-model': async () => (await import('./saved-model/format.js')).savedModel,
  tfjs: async () => (await import('./tfjs/format.js')).tfjs,
};

export const formatNames: readonly FormatName[] = Object.keys(formats) as FormatName[];

/** @throws UsageError for a name that is no format's. */
export async function loadFormat(name: string): Promise<Format> {
  if (!Object.hasOwn(formats, name)) throw new UsageError(`There is no format "${name}". There are: ${formatNames.join(', ')}.`);
  return formats[name as FormatName]();
}

/**
 * The bytes of a model in a format. Weights that inference does not need, such as an optimizer's, are left out.
 * @throws UsageError for an option that the format does not have; ExportError for an op that it cannot hold; ArchitectureError where weights
 * are missing.
 */
export async function exportModel(model: Model, name: FormatName, options: ExportOptions = {}): Promise<ModelFile> {
  const format = await loadFormat(name);
  const { fold = true, float16 = false, sparse = false, batch = 1 } = options;
  if (float16 && !format.supports.float16) throw new UsageError(`${name} files cannot hold float16 weights. Only tflite files can.`);
  if (sparse && !format.supports.sparse) throw new UsageError(`${name} files cannot hold sparse weights. Only tflite files can.`);
  if (!Number.isSafeInteger(batch) || batch < 1) throw new UsageError(`The batch is ${batch}, but must be a whole number of at least 1.`);
  const needed = { ...model, weights: selectWeights([toInference(model.architecture)], model.weights) };
  const baked = options.bakeNormalization ? bakeNormalization(needed) : needed;
  return format.write(fold ? foldBatchNorm(baked) : baked, { float16, sparse, batch });
}

/** The model in a file. @throws UsageError where the format cannot be read back; ModelFileError for what does not fit. */
export async function importModel(file: ModelFile): Promise<Model> {
  const { weights, ...model } = await readModel(file);
  return { ...model, weights: new Map([...weights].map(([name, { read }]) => [name, read()])) };
}

/** The network of a file that was checked as `importModel` does, while none of its weights were copied. @throws as `importModel`. */
export async function importArchitecture(file: ModelFile): Promise<Architecture> {
  return (await readModel(file)).architecture;
}

async function readModel(file: ModelFile): Promise<StoredModel> {
  const format = await loadFormat(file.format);
  if (!format.read) throw new UsageError(`A ${file.format} file cannot be imported. Import an onnx or tfjs file.`);
  const model = format.read(file);
  const missing = toInference(model.architecture).variables.find(({ name }) => !model.weights.has(name));
  if (missing) throw new ModelFileError(`The imported model has no values for "${missing.name}".`);
  return model;
}
