import { createRequire } from 'node:module';
import util from 'node:util';

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

let loaded: Binding | undefined;

/**
 * Loads tfjs-node and its addon, once a process.
 * @throws whatever the loader throws where the native library is absent or broken.
 */
export function loadBinding(): Binding {
  if (loaded) return loaded;
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  // tfjs-node 4.22 calls two functions that Node 23 removed (tensorflow/tfjs #8609).
  const old = util as unknown as Record<string, (value: unknown) => boolean>;
  old['isNullOrUndefined'] ??= (value) => value === null || value === undefined;
  old['isArray'] ??= Array.isArray;
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs-node') as { backend(): { binding: Binding } };
  loaded = tf.backend().binding;
  return loaded;
}
