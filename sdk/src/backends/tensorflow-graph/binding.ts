import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/** The native addon of @tensorflow/tfjs-node: tensors by number, and sessions over saved models. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  createTensor(shape: readonly number[], dtype: number, values: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array;
  loadSavedModel(directory: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(session: number, tensors: readonly number[], inputs: string, outputs: string): readonly { readonly id: number }[];
}

let loaded: { readonly binding: Binding; readonly threads: number } | undefined;

/**
 * Loads the addon alone, once a process: tfjs itself is not needed to run graphs, and would take 37 MB and a third of a second.
 * Its pools of threads are made then, so `threads` counts at the first call alone; `countThreads` tells what they have.
 * @throws whatever the loader throws where the package or its native library is absent or broken.
 */
export function loadBinding(threads?: number): Binding {
  return load(threads).binding;
}

/** The threads that a kernel may use in this process: all cores that it may run on, unless the environment or the first loading said less. */
export function countThreads(): number {
  return load().threads;
}

function load(threads?: number): NonNullable<typeof loaded> {
  if (loaded) return loaded;
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  if (threads !== undefined) for (const name of poolVariables) process.env[name] = `${threads}`;
  const require = createRequire(import.meta.url);
  const binding = require(join(dirname(require.resolve('@tensorflow/tfjs-node/package.json')), 'lib/napi-v8/tfjs_binding.node')) as Binding;
  const set = Number(process.env[poolVariables[0]]);
  loaded = { binding, threads: Number.isSafeInteger(set) && set > 0 ? set : availableParallelism() };
  return loaded;
}

const poolVariables = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'] as const;
