import { z } from 'zod';
import { ModelFileError } from '../../core/errors.js';
import { type Shape, sizeOf } from '../../ir/node.js';
import type { ModelFile } from '../format.js';
import { descriptionKey, type ModelDescription, parseModelDescription } from '../model.js';
import { checkJson, listOf } from './check-json.js';

export const jsonFile = 'model.json';

/** Once parsed, JSON takes some ten times its bytes. The largest registered network has less than one million. */
const mostJsonBytes = 4_000_000;

/** Weights that lie one behind the other in some files. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly {
    readonly name: string;
    readonly shape: Shape;
    /** `optimizer` for what training alone needs. */
    readonly group?: string | undefined;
  }[];
}

const dimension = z.int().nonnegative();
const weight = z.object({
  name: z.string(),
  shape: listOf(dimension, 8).refine((shape) => Number.isSafeInteger(sizeOf(shape)), 'too many values'),
  dtype: z.literal('float32', { error: 'only float32 weights can be imported' }),
  quantization: z
    .undefined({ error: 'only weights that are not quantized can be imported; convert the model without quantization' })
    .optional(),
  group: z.string().optional(),
});
const group: z.ZodType<WeightGroup> = z.object({ paths: listOf(z.string(), 100_000), weights: listOf(weight, 100_000) });
const frame = z.object({
  format: z.literal('layers-model', { error: 'only a layers-model can be imported' }).optional(),
  modelTopology: z.unknown(),
  weightsManifest: listOf(group, 10_000),
  userDefinedMetadata: z.object({ [descriptionKey]: z.unknown().optional() }).nullish(),
});

/** What a `model.json` says. */
export interface ModelJson {
  /** Unchecked. */
  readonly topology: unknown;
  readonly weights: readonly WeightGroup[];
  readonly description: ModelDescription | undefined;
}

/** @throws ModelFileError where there is none, or one that is no layers model. */
export function parseModelJson({ files }: ModelFile): ModelJson {
  const bytes = files.get(jsonFile);
  if (!bytes) throw new ModelFileError(`There is no ${jsonFile} in this folder. Give the folder that holds ${jsonFile} and its weights.`);
  if (bytes.length > mostJsonBytes) {
    throw new ModelFileError(
      `The file ${jsonFile} has ${bytes.length} bytes, but no network that can be imported has more than ${mostJsonBytes}.`,
    );
  }
  const { modelTopology, weightsManifest, userDefinedMetadata } = checkJson(frame, parseJson(bytes), `The file ${jsonFile}`);
  return {
    topology: (modelTopology as { readonly model_config?: unknown } | null | undefined)?.model_config ?? modelTopology, // as Keras or tfjs saves it
    weights: weightsManifest,
    description: toDescription(userDefinedMetadata?.[descriptionKey]),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ModelFileError(`The file ${jsonFile} is no JSON. It may be truncated; export the model again.`, { cause });
  }
}

function toDescription(json: unknown): ModelDescription | undefined {
  try {
    return json === undefined ? undefined : parseModelDescription(JSON.stringify(json));
  } catch {
    return undefined; // nested too deep to be ours
  }
}
