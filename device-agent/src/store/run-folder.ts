import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '@precrop/sdk/core/errors';
import { writeFile } from '@precrop/sdk/data/write-file';
import { nameRun, parseTrainingDescription, type TrainingDescription } from '../jobs/training-description.js';

/** A run's folder holds what was asked (`description.json`), where it stands (`checkpoint`), what it began with where that is not random (`initial-weights`), and what came out (`result.json`, `accuracy.svg`). */
export interface RunFolder {
  readonly path: string;
  readonly name: string;
  readonly checkpoint: string;
  /** Weights that it begins with, where they are not random. */
  readonly initialWeights: string;
}

/** The folder of a description, made where there is none. The same description finds the same folder again: so a run is resumed. */
export async function openRunFolder(runsDirectory: string, description: TrainingDescription): Promise<RunFolder> {
  const folder = toRunFolder(runsDirectory, nameRun(description));
  const path = join(folder.path, 'description.json');
  if ((await modifiedAt(path)) === undefined) await writeFile(path, [`${JSON.stringify(description, null, 2)}\n`]);
  return folder;
}

/** Saves the result, after its picture `accuracy.svg`. @throws StorageError when one cannot be written. */
export async function saveResult(folder: RunFolder, result: unknown, picture: string): Promise<void> {
  await writeFile(join(folder.path, 'accuracy.svg'), [picture]);
  await writeFile(join(folder.path, 'result.json'), [`${JSON.stringify(result, null, 2)}\n`]);
}

/** What a run came to, or undefined while it is unfinished. */
export async function readResult(folder: RunFolder): Promise<unknown> {
  const text = await readFile(join(folder.path, 'result.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * What a run was asked to do: of the run that is named (by its folder's name or path), or of the newest that is unfinished.
 * @throws UsageError when there is no such run.
 */
export async function findRun(runsDirectory: string, name: string | undefined): Promise<TrainingDescription> {
  const path = name === undefined ? await findNewestUnfinished(runsDirectory) : await findNamed(runsDirectory, name);
  try {
    return parseTrainingDescription(JSON.parse(await readFile(join(path, 'description.json'), 'utf8')));
  } catch (error) {
    throw new UsageError(`The description of the run in ${path} cannot be read. Delete that folder and start the run anew.`, {
      cause: error,
    });
  }
}

async function findNewestUnfinished(runsDirectory: string): Promise<string> {
  const names = await readdir(runsDirectory).catch(() => []);
  const unfinished = await Promise.all(
    names.map(async (name) => {
      const path = join(runsDirectory, name);
      const begun = await modifiedAt(join(path, 'description.json'));
      const saved = (await modifiedAt(join(path, 'checkpoint'))) ?? begun;
      const isFinished = (await modifiedAt(join(path, 'result.json'))) !== undefined;
      return { path, saved: begun === undefined || isFinished ? undefined : saved };
    }),
  );
  const [newest] = unfinished.filter(({ saved }) => saved !== undefined).sort((a, b) => (b.saved ?? 0) - (a.saved ?? 0));
  if (!newest) throw new UsageError(`There is no unfinished run in ${runsDirectory}. Start one with precrop train --arch resnet-20.`);
  return newest.path;
}

async function findNamed(runsDirectory: string, name: string): Promise<string> {
  for (const path of [join(runsDirectory, name), resolve(name)]) {
    if ((await modifiedAt(join(path, 'description.json'))) !== undefined) return path;
  }
  const names = await readdir(runsDirectory).catch(() => []);
  const known = names.length > 0 ? ` There are: ${names.join(', ')}.` : '';
  throw new UsageError(`There is no run "${name}" in ${runsDirectory}.${known}`);
}

/** The paths of a run's folder, whether it is there or not. */
export function toRunFolder(runsDirectory: string, name: string): RunFolder {
  const path = join(runsDirectory, name);
  return { path, name, checkpoint: join(path, 'checkpoint'), initialWeights: join(path, 'initial-weights') };
}

async function modifiedAt(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs;
}
