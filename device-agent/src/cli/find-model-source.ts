import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createArchitecture, parseArchitectureName } from '@precrop/sdk/architectures/registry';
import { throwIfCancelled } from '@precrop/sdk/core/context';
import { UsageError } from '@precrop/sdk/core/errors';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import type { ModelFacts, ModelMethods } from '../jobs/model-service.js';
import type { ModelSource } from '../jobs/model-source.js';
import { isModelFolder } from '../store/model-folder.js';
import { startWorker, type WorkerHandle } from '../worker/start-worker.js';
import type { Session } from './command-line.js';

export const sourceHelp = 'a training run (its name or folder), a model (.onnx, tfjs, or what precrop import made), or an architecture';

/**
 * What a name or path stands for. An architecture's name comes first, so that no folder can take its place: `./resnet-20` is the folder.
 * @throws UsageError where it stands for nothing.
 */
export async function findModelSource(text: string, runsDirectory: string): Promise<ModelSource> {
  const problem = problemOfName(text);
  if (!problem) return { kind: 'architecture', architecture: createArchitecture(text), seed: 0 };
  for (const path of [text, join(runsDirectory, text)]) {
    if (await exists(join(path, 'description.json'))) return { kind: 'run', path };
  }
  if (await isModelFolder(text)) return { kind: 'imported', path: text };
  if (await exists(text)) return { kind: 'file', path: text };
  if (/[/\\]|\.(onnx|tflite|json)$/.test(text)) throw new UsageError(`There is nothing at ${text}.`);
  throw new UsageError(`${problem.message} There is no file or run of that name either.`);
}

/** The architecture of whatever `findModelSource` finds, without its weights. */
export async function loadArchitecture(text: string, runsDirectory: string, session: Session): Promise<Architecture> {
  const source = await findModelSource(text, runsDirectory);
  if (source.kind === 'architecture') return source.architecture;
  return (await withModel(source, session, async (_, { architecture }) => architecture)) satisfies Architecture;
}

/** Loads a model in a process of its own, works with it, and ends the process. */
export async function withModel<T>(
  source: ModelSource,
  { context }: Pick<Session, 'context'>,
  work: (worker: WorkerHandle<ModelMethods>, facts: ModelFacts) => Promise<T>,
): Promise<T> {
  const worker = await startWorker('model', source, { context });
  try {
    const facts = await worker.call('facts');
    throwIfCancelled(context);
    return await work(worker, facts);
  } finally {
    await worker.close();
  }
}

function problemOfName(text: string): UsageError | undefined {
  try {
    parseArchitectureName(text);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
