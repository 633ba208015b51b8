import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelFileError } from '@precrop/sdk/core/errors';
import { writeFile } from '@precrop/sdk/data/write-file';
import { writeFolder } from '@precrop/sdk/data/write-folder';
import { describeModel, type Model, metadataOf, parseModelDescription } from '@precrop/sdk/export/model';
import { parseArchitecture } from '@precrop/sdk/ir/validate';
import { hashWeights, loadWeightsFile, saveWeightsFile } from '@precrop/sdk/train/weights-file';
import { z } from 'zod';

/** An imported model as it is kept: its architecture, what is known of it (`precrop-model.json`), and its weights (`weights`). */
export interface KeptModel extends Model {
  /** The file that it was imported from. */
  readonly importedFrom: string;
}

const header = 'precrop-model.json';
const weightsFile = 'weights';

const schema = z.object({
  schemaVersion: z.literal(1),
  kind: z.literal('model'),
  architecture: z.unknown().transform(parseArchitecture),
  description: z.unknown(),
  weightsHash: z.string(),
  importedFrom: z.string(),
});

/** Whether a path is the folder of an imported model. */
export async function isModelFolder(path: string): Promise<boolean> {
  return (await stat(join(path, header)).catch(() => undefined)) !== undefined;
}

/** Writes the folder whole or not at all. @throws StorageError when it cannot be written. */
export async function saveModelFolder(path: string, model: KeptModel): Promise<void> {
  const { architecture, weights, importedFrom } = model;
  const kept = {
    schemaVersion: 1,
    kind: 'model',
    importedFrom,
    weightsHash: hashWeights(weights),
    description: describeModel(model),
    architecture,
  };
  await writeFolder(path, async (folder) => {
    await writeFile(join(folder, header), [`${JSON.stringify(kept, null, 2)}\n`]);
    await saveWeightsFile(join(folder, weightsFile), { header: { kind: 'model' }, weights });
  });
}

/** @throws ModelFileError for a folder that is damaged. */
export async function loadModelFolder(path: string): Promise<KeptModel> {
  const damaged = (reason: string, cause?: unknown): ModelFileError =>
    new ModelFileError(`The model in ${path} is damaged: ${reason}. Import it again.`, { cause });
  const kept = await readFile(join(path, header), 'utf8')
    .then((text) => schema.parse(JSON.parse(text)))
    .catch((cause: unknown) => {
      throw damaged(`its ${header} cannot be read`, cause);
    });
  const file = await loadWeightsFile(join(path, weightsFile), damaged);
  if (!file || hashWeights(file.weights) !== kept.weightsHash) throw damaged('its weights are not those that were imported');
  const { architecture, importedFrom } = kept;
  const description = parseModelDescription(JSON.stringify(kept.description));
  return { architecture, weights: file.weights, metadata: description ? metadataOf(description) : {}, importedFrom };
}
