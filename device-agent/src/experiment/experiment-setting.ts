import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '@precrop/sdk/core/errors';
import { hashOf } from '@precrop/sdk/core/hash';
import { writeFile } from '@precrop/sdk/data/write-file';
import type { Recipe } from '@precrop/sdk/train/recipe';
import { z } from 'zod';
import type { DatasetChoice } from '../jobs/training-description.js';
import { type GranularityAxes, realisations } from './granularity-cells.js';
import type { CellSetting } from './run-cell.js';

/** `setting.json`: what every training in a folder shares. */
export interface ExperimentSetting {
  readonly schemaVersion: 1;
  readonly kind: 'granularity';
  readonly architecture: string;
  readonly dataset: DatasetChoice;
  readonly recipe: Omit<Recipe, 'seed'>;
  readonly backend: string;
  readonly align: number;
}

/** Writes the setting, or finds it the same: results of different recipes must not meet in one table. @throws UsageError */
export async function keepSetting(folder: string, setting: CellSetting): Promise<ExperimentSetting> {
  const asked = toExperimentSetting(setting);
  const path = join(folder, 'setting.json');
  const kept = await readJson(path);
  if (kept === undefined) await writeFile(path, [`${JSON.stringify(asked, null, 2)}\n`]);
  // Through JSON: what is undefined is not there.
  else if (hashOf(kept) !== hashOf(JSON.parse(JSON.stringify(asked)))) {
    throw new UsageError(
      `${folder} holds an experiment with another architecture, data set, recipe, backend or alignment. Choose another folder with --output.`,
    );
  }
  return asked;
}

/** Notes which trainings were asked for last, so that a report can name those that are missing. */
export async function keepAxes(folder: string, { sources, densities, realisations: asked, seeds }: GranularityAxes): Promise<void> {
  await writeFile(join(folder, 'axes.json'), [`${JSON.stringify({ sources, densities, realisations: asked, seeds }, null, 2)}\n`]);
}

/** The setting of the experiment in a folder. @throws UsageError where there is none. */
export async function readSetting(folder: string): Promise<ExperimentSetting> {
  const path = join(folder, 'setting.json');
  const json = await readJson(path);
  if (json === undefined) {
    throw new UsageError(
      `There is no experiment in ${folder}: it has no setting.json. Name its folder with --output, or run it there first.`,
    );
  }
  return parse(settingSchema, json, path);
}

/** What was asked for last, where that was noted. @throws UsageError for a broken file. */
export async function readAxes(folder: string): Promise<GranularityAxes | undefined> {
  const path = join(folder, 'axes.json');
  const json = await readJson(path);
  return json === undefined ? undefined : parse(axesSchema, json, path);
}

function toExperimentSetting({ architecture, dataset, recipe, backend, align }: CellSetting): ExperimentSetting {
  const { seed: _, ...shared } = recipe;
  return { schemaVersion: 1, kind: 'granularity', architecture: architecture.name, dataset, recipe: shared, backend, align };
}

const name = z.string().min(1);
const count = z.int().positive();
const settingSchema: z.ZodType<ExperimentSetting> = z.object({
  schemaVersion: z.literal(1),
  kind: z.literal('granularity'),
  architecture: name,
  dataset: z.object({ name, trainImages: count.optional(), testImages: count.optional(), seed: z.int() }),
  recipe: z.custom<Omit<Recipe, 'seed'>>(
    (value) =>
      z
        .looseObject({ epochs: count, batch: count, optimizer: z.looseObject({ kind: name }), schedule: z.looseObject({ kind: name }) })
        .safeParse(value).success,
    'must have epochs, batch, optimizer and schedule',
  ),
  backend: name,
  align: count,
});
const axesSchema: z.ZodType<GranularityAxes> = z.object({
  sources: z.array(name),
  densities: z.array(z.number().positive().max(1)),
  realisations: z.array(z.enum(realisations as [(typeof realisations)[number]])),
  seeds: count,
});

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new UsageError(`${path} cannot be read: ${error.message}. Choose another folder with --output.`, { cause: error });
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${path} is no JSON. Put it right, or choose another folder with --output.`, { cause });
  }
}

function parse<T>(schema: z.ZodType<T>, json: unknown, path: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new UsageError(
    `${path} is not what precrop experiment wrote (${issue?.path.join('.')}: ${issue?.message}). Put it right, or choose another folder with --output.`,
    { cause: result.error },
  );
}
