import { hashOf } from '@precrop/sdk/core/hash';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { parseArchitecture } from '@precrop/sdk/ir/validate';
import type { Recipe } from '@precrop/sdk/train/recipe';
import { z } from 'zod';
import { type MaskChoice, maskChoiceSchema } from './mask-choice.js';

/** Which images: a data set by name, or a seeded, balanced part of it. */
export interface DatasetChoice {
  readonly name: string;
  /** All where left out. */
  readonly trainImages?: number | undefined;
  readonly testImages?: number | undefined;
  readonly seed: number;
}

/** All that the result of a training run depends on. A run is named by the hash of this. */
export interface TrainingDescription {
  readonly kind: 'train';
  readonly architecture: Architecture;
  readonly dataset: DatasetChoice;
  readonly recipe: Recipe;
  /** `tensorflow-graph`, `tfjs-eager-cpu`, …: never `auto`. */
  readonly backend: string;
  /** The model whose weights it begins with; random ones, by the recipe's seed, where left out. */
  readonly initial?: { readonly name: string; readonly weightsHash: string } | undefined;
  /** Weights that are zeros and stay zeros; none where left out. */
  readonly mask?: MaskChoice | undefined;
}

/** `resnet-20-3f9a2c41d0`: the same for the same description. */
export function nameRun(description: TrainingDescription): string {
  return `${toFileName(description.architecture.name)}-${hashOf(description).slice(0, 10)}`;
}

/** An imported network may have any name, `../net` too: what is left can only be the name of a file. */
export function toFileName(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '') || 'model';
}

const count = z.int().positive();
const schema = z.object({
  kind: z.literal('train'),
  architecture: z.unknown().transform(parseArchitecture),
  dataset: z.object({ name: z.string(), trainImages: count.optional(), testImages: count.optional(), seed: z.int() }),
  recipe: z.custom<Recipe>((value) => typeof value === 'object' && value !== null),
  backend: z.string(),
  initial: z.object({ name: z.string(), weightsHash: z.string() }).optional(),
  mask: maskChoiceSchema.optional(),
});

/** A description read back from a run's folder. @throws ZodError, ArchitectureError */
export function parseTrainingDescription(json: unknown): TrainingDescription {
  return schema.parse(json);
}
