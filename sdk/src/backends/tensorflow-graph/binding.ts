import { createRequire } from 'node:module';
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

let loaded: Binding | undefined;

/**
 * Loads the addon alone, once a process: tfjs itself is not needed to run graphs, and would take 37 MB and a third of a second.
 * @throws whatever the loader throws where the package or its native library is absent or broken.
 */
export function loadBinding(): Binding {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  const require = createRequire(import.meta.url);
  loaded ??= require(join(dirname(require.resolve('@tensorflow/tfjs-node/package.json')), 'lib/napi-v8/tfjs_binding.node')) as Binding;
  return loaded;
}
