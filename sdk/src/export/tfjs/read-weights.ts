import { ModelFileError } from '../../core/errors.js';
import { type Shape, sizeOf } from '../../ir/node.js';
import type { ModelFile } from '../format.js';
import { quote } from '../quote.js';
import type { WeightGroup } from './model-json.js';

/** The weights of a file, each to be taken once. */
export interface WeightSource {
  /** @throws ModelFileError where there is none of that name, or of another shape. */
  take(name: string, shape: Shape): Float32Array;
  /** Names of those that nobody took. */
  untaken(): readonly string[];
}

interface Entry {
  readonly name: string;
  readonly shape: Shape;
  readonly shards: readonly Uint8Array[];
  /** In the shards' bytes, one behind the other. */
  readonly offset: number;
}

const bytesPerValue = 4;

/**
 * Lays the manifest over the bytes. Nothing is allocated by what the manifest claims: each group must take exactly the bytes of its files.
 * @throws ModelFileError where bytes are missing or left over, or a name or file comes twice.
 */
export function createWeightSource(groups: readonly WeightGroup[], files: ModelFile['files']): WeightSource {
  const entries = new Map<string, Entry>();
  const seen = new Set<string>();
  for (const { paths, weights } of groups) {
    const shards = paths.map((path) => findShard(path, files, seen));
    let offset = 0;
    for (const { name, shape, group } of weights) {
      if (entries.has(name)) throw new ModelFileError(`Two weights are called ${quote(name)}. Export the model again.`);
      if (group !== 'optimizer') entries.set(name, { name, shape, shards, offset });
      offset += sizeOf(shape) * bytesPerValue;
    }
    const present = shards.reduce((sum, { length }) => sum + length, 0);
    if (offset !== present) {
      throw new ModelFileError(
        `The weights take ${offset} bytes, but ${paths.map(quote).slice(0, 3).join(', ') || 'their list of files'} holds ${present}. A file may be truncated; export the model again.`,
      );
    }
  }
  return {
    take(name, shape) {
      const entry = entries.get(name);
      if (!entry) throw new ModelFileError(`There is no weight ${quote(name)}, which a layer needs. Export the model again.`);
      if (entry.shape.join() !== shape.join()) {
        throw new ModelFileError(`The weight ${quote(name)} is [${entry.shape.join('x')}], but its layer needs [${shape.join('x')}].`);
      }
      entries.delete(name);
      return copyValues(entry);
    },
    untaken: () => [...entries.keys()],
  };
}

function findShard(path: string, files: ModelFile['files'], seen: Set<string>): Uint8Array {
  const bytes = files.get(path);
  if (!bytes)
    throw new ModelFileError(`The file ${quote(path)}, which holds weights, is missing. Keep all files of the model in one folder.`);
  if (seen.has(path)) throw new ModelFileError(`The file ${quote(path)} is listed twice. Export the model again.`);
  seen.add(path);
  return bytes;
}

/** Shards are cut anywhere, in the middle of a value too. */
function copyValues({ shape, shards, offset }: Entry): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  const bytes = new Uint8Array(values.buffer);
  let start = offset; // in the shard at hand
  let filled = 0;
  for (const shard of shards) {
    if (start < shard.length) {
      const part = shard.subarray(start, start + bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
    }
    start = Math.max(0, start - shard.length);
    if (filled === bytes.length) break;
  }
  return values;
}
