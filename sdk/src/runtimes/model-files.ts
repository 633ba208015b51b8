import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ModelFileError, UsageError } from '../core/errors.js';
import { formatBytes } from '../core/units.js';
import { writeFile } from '../data/write-file.js';
import { writeFolder } from '../data/write-folder.js';
import type { FormatName, ModelFile } from '../export/format.js';
import { quote } from '../export/quote.js';
import { descriptionPath, graphPath } from '../export/saved-model/format.js';
import { jsonFile, parseModelJson } from '../export/tfjs/model-json.js';

/** Of all files of a model together. A protobuf or a FlatBuffer can hardly be larger. */
const maxBytes = 2e9;

/**
 * The model at a path: an `.onnx` or `.tflite` file, the folder of a SavedModel or of a tfjs model, or the `model.json` of the latter. Only
 * files that belong to the model are read.
 * @throws UsageError where nothing is there, or no model; ModelFileError for files that are too large, missing or outside of the folder.
 */
export async function loadModelFile(path: string): Promise<ModelFile> {
  const found = await statOf(path);
  if (!found)
    throw new UsageError(`There is nothing at ${path}. Name an .onnx or .tflite file, or the folder of a SavedModel or tfjs model.`);
  const format = await findFormat(path, found);
  if (!format) {
    throw new UsageError(
      `${path} is no model that PreCrop knows. Name an .onnx or .tflite file, a folder with saved_model.pb or model.json, or a model.json.`,
    );
  }
  const read = createReader();
  if (format === 'onnx' || format === 'tflite') return { format, files: new Map([[`model.${format}`, await read(path)]]) };
  const folder = found.isDirectory() ? path : dirname(path);
  const files = new Map<string, Uint8Array>();
  const add = async (name: string): Promise<void> => {
    if (!files.has(name)) files.set(name, await read(join(folder, name)));
  };
  if (format === 'saved-model') {
    await add(graphPath);
    if (await statOf(join(folder, descriptionPath))) await add(descriptionPath);
  } else {
    await add(jsonFile);
    for (const name of listShards(files, join(folder, jsonFile))) await add(name);
  }
  return { format, files };
}

/**
 * Writes a model whole or not at all: a file at `path`, or a folder where the format is one. A model that is there is replaced.
 * @throws UsageError where `path` is a folder with other things, which would be lost; StorageError when it cannot be written.
 */
export async function writeModelFile(path: string, { format, files }: ModelFile): Promise<void> {
  if (format === 'onnx' || format === 'tflite') {
    if ((await statOf(path))?.isDirectory())
      throw new UsageError(`${path} is a folder, but a model in ${format} is a file. Name the file.`);
    return writeFile(path, files.values());
  }
  const folder = resolve(path);
  await checkReplaceable(folder, { format, files });
  await writeFolder(folder, async (partial) => {
    for (const [name, bytes] of files) await writeFile(join(partial, name), [bytes]);
  });
}

async function findFormat(path: string, found: Stats): Promise<FormatName | undefined> {
  if (found.isDirectory()) {
    if (await statOf(join(path, graphPath))) return 'saved-model';
    return (await statOf(join(path, jsonFile))) ? 'tfjs' : undefined;
  }
  if (basename(path) === jsonFile) return 'tfjs';
  return (['onnx', 'tflite'] as const).find((format) => path.toLowerCase().endsWith(`.${format}`));
}

/** Reads files that together are no larger than a model may be. Their size is known before a byte is read. */
function createReader(): (path: string) => Promise<Uint8Array> {
  let total = 0;
  return async (path) => {
    const found = await statOf(path);
    if (!found?.isFile())
      throw new ModelFileError(`The model needs the file ${path}, which is ${found ? 'no regular file' : 'not there'}.`);
    total += found.size;
    if (total > maxBytes) {
      throw new ModelFileError(
        `With ${path} the model takes ${formatBytes(total)}, more than the ${formatBytes(maxBytes)} that PreCrop reads. Use a smaller model.`,
      );
    }
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
}

/** The files of weights that a model.json names. They must lie beside it: a hostile one could name any file of the machine. */
function listShards(files: ModelFile['files'], path: string): readonly string[] {
  const names = parseModelJson({ format: 'tfjs', files }).weights.flatMap(({ paths }) => paths);
  const outside = names.find((name) => !/^[^/\\:]+(\/[^/\\:]+)*$/.test(name) || name.split('/').some((part) => /^\.+$/.test(part)));
  if (outside !== undefined) throw new ModelFileError(`${path} names the weights file ${quote(outside)}, which is not within its folder.`);
  return names;
}

async function checkReplaceable(folder: string, { format, files }: ModelFile): Promise<void> {
  const found = await statOf(folder);
  if (!found) return;
  if (!found.isDirectory()) throw new UsageError(`${folder} is a file, but a model in ${format} is a folder. Name a folder.`);
  const ours = new Set([...files.keys()].map((name) => name.split('/')[0]));
  const other = (await readdir(folder)).find((name) => !ours.has(name) && !/^group\d+-shard\d+of\d+\.bin$/.test(name));
  if (other !== undefined) {
    throw new UsageError(`${folder} holds "${other}", which a model in ${format} would replace. Name a folder that is new or empty.`);
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}
