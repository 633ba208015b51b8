import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackendError } from '../../core/errors.js';
import type { Binding } from './binding.js';

/** A tensor that a run is given, by its name in the graph. */
export interface Feed {
  readonly tensor: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** A graph in TensorFlow's session, with the variables that belong to it. */
export interface Session {
  /** Values of the fetched tensors, row-major. Blocks the thread while it computes. @throws Error of the native library. */
  run(feeds: readonly Feed[], fetches: readonly string[]): Float32Array[];
  /** Frees the graph and its variables. Twice does no harm. */
  dispose(): void;
}

/** Opens a session on the bytes of a `saved_model.pb`. @throws Error of the native library where it cannot load them. */
export function openSession(savedModel: Uint8Array, binding: Binding): Session {
  let session: number | undefined = load(savedModel, binding);
  return {
    run(feeds, fetches) {
      if (session === undefined) throw new BackendError('This session was disposed. Open another one.');
      const names = feeds.map(({ tensor }) => tensor).join();
      return withTensors(feeds, binding, (ids) => take(binding.runSavedModel(session as number, ids, names, fetches.join()), binding));
    },
    dispose() {
      if (session !== undefined) binding.deleteSavedModel(session);
      session = undefined;
    },
  };
}

// tfjs-node loads graphs from a folder only.
function load(savedModel: Uint8Array, binding: Binding): number {
  const directory = mkdtempSync(join(tmpdir(), 'precrop-graph-'));
  try {
    writeFileSync(join(directory, 'saved_model.pb'), savedModel);
    return binding.loadSavedModel(directory, 'serve');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function withTensors<T>(feeds: readonly Feed[], binding: Binding, work: (ids: readonly number[]) => T): T {
  const ids: number[] = [];
  try {
    for (const { shape, values } of feeds) {
      const dtype = values instanceof Int32Array ? binding.TF_INT32 : binding.TF_FLOAT;
      ids.push(binding.createTensor(shape, dtype, values));
    }
    return work(ids);
  } finally {
    for (const id of ids) binding.deleteTensor(id);
  }
}

function take(results: readonly { readonly id: number }[], binding: Binding): Float32Array[] {
  return results.map(({ id }) => {
    const values = binding.tensorDataSync(id) as Float32Array;
    binding.deleteTensor(id);
    return values;
  });
}
