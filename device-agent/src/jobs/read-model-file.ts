import { ModelFileError } from '@precrop/sdk/core/errors';
import type { ModelFile } from '@precrop/sdk/export/format';
import { loadModelFile } from '@precrop/sdk/runtimes/model-files';

/**
 * Loads a model's file and reads it by `read`, which knows bytes and no path.
 * @throws ModelFileError that names the file; whatever else `loadModelFile` and `read` throw.
 */
export async function readModelFile<T>(path: string, read: (file: ModelFile) => Promise<T>): Promise<T> {
  const file = await loadModelFile(path);
  try {
    return await read(file);
  } catch (error) {
    if (!(error instanceof ModelFileError) || error.message.includes(path)) throw error;
    throw new ModelFileError(`${path} cannot be used. ${error.message}`, { cause: error, details: { ...error.details, path } });
  }
}
