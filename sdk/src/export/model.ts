import { z } from 'zod';
import type { Architecture } from '../ir/architecture.js';

/** A network with its trained values: what an exporter takes, and an importer gives. */
export interface Model {
  readonly architecture: Architecture;
  /** By name, row-major: those of the inference program, `stem.conv/kernel`. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly metadata: ModelMetadata;
}

/** Values of a file, whose place and number were checked. They take memory once they are read. */
export interface StoredFloats {
  readonly length: number;
  readonly read: () => Float32Array;
}

/** A model in a file. */
export interface StoredModel extends Omit<Model, 'weights'> {
  readonly weights: ReadonlyMap<string, StoredFloats>;
}

/** Of each colour, for pixels in 0…1: the network reads (pixel - mean) / std. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What a file says besides the network. */
export interface ModelMetadata {
  readonly classNames?: readonly string[] | undefined;
  /** What an image must go through before it is fed; absent where pixels in 0…1 are fed as they are. */
  readonly normalization?: Normalization | undefined;
  readonly planHash?: string | undefined;
  /** SPDX identifier of the weights' licence. */
  readonly licence?: string | undefined;
}

/** What every exported file holds in its format's own place for such things, as JSON under the key `precrop`. */
export interface ModelDescription extends ModelMetadata {
  readonly name: string;
  /** [height, width, channels] of an image. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
}

export const descriptionKey = 'precrop';

const numbers = z.array(z.number()).readonly();
const side = z.int().positive();
const description: z.ZodType<ModelDescription> = z.object({
  name: z.string(),
  input: z.tuple([side, side, side]).readonly(),
  classes: side,
  classNames: z.array(z.string()).readonly().optional(),
  normalization: z.object({ mean: numbers, std: numbers }).optional(),
  planHash: z.string().optional(),
  licence: z.string().optional(),
});

export function describeModel({ architecture: { name, input, classes }, metadata }: Model): ModelDescription {
  return { name, input, classes, ...metadata };
}

/** The description that a file carries, or undefined where the text is none of ours. */
export function parseModelDescription(text: string): ModelDescription | undefined {
  try {
    return description.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The part of a description that belongs to a model's metadata. */
export function metadataOf({ classNames, normalization, planHash, licence }: ModelDescription): ModelMetadata {
  return { classNames, normalization, planHash, licence };
}
