import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Weights } from '../backends/backend.js';
import { writeFile } from '../data/write-file.js';

export interface WeightsFile {
  /** What the file says besides its weights: plain JSON. */
  readonly header: Readonly<Record<string, unknown>>;
  readonly weights: Weights;
}

const magic = 'precrop-checkpoint-1\n';

/** Writes magic, SHA-256 of what follows, header length, JSON header, float32 values. @throws StorageError when it cannot be written. */
export async function saveWeightsFile(path: string, { header, weights }: WeightsFile): Promise<void> {
  const variables = [...weights].map(([name, values]) => ({ name, length: values.length }));
  const json = Buffer.from(JSON.stringify({ ...header, variables }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const body = [length, json, ...[...weights.values()].map(bytesOfValues)];
  await writeFile(path, [magic, digest(body), ...body]);
}

/** The file at `path`, or undefined where there is none. @throws what `toError` makes of the reason, for a damaged file. */
export async function loadWeightsFile(path: string, toError: (reason: string) => Error): Promise<WeightsFile | undefined> {
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  const start = magic.length + 32;
  const body = file.subarray(start);
  const isWhole = file.subarray(0, magic.length).toString() === magic && file.subarray(magic.length, start).equals(digest([body]));
  if (!isWhole) throw toError('its checksum does not fit');
  const headerEnd = 4 + body.readUInt32LE(0);
  const { variables, ...header } = JSON.parse(body.subarray(4, headerEnd).toString()) as Record<string, unknown> & {
    variables: readonly { name: string; length: number }[];
  };
  if (variables.reduce((end, { length }) => end + 4 * length, headerEnd) !== body.length) throw toError('its length does not fit');
  let offset = headerEnd;
  const weights = variables.map(({ name, length }): [string, Float32Array] => {
    const bytes = body.subarray(offset, offset + 4 * length);
    offset += 4 * length;
    return [name, new Float32Array(Uint8Array.from(bytes).buffer)];
  });
  return { header, weights: new Map(weights) };
}

/** SHA-256 of names and values, whatever their order: equal for equal weights alone. */
export function hashWeights(weights: Weights): string {
  const hash = createHash('sha256');
  for (const [name, values] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, values.length]));
    hash.update(bytesOfValues(values));
  }
  return hash.digest('hex');
}

function digest(chunks: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest();
}

function bytesOfValues(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
