import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Weights } from '../backends/backend.js';
import { TrainingError } from '../core/errors.js';
import type { EpochRecord } from '../core/events.js';
import { writeFile } from '../data/write-file.js';
import type { Metrics } from './metrics.js';

/** Where a run stands: enough to go on with the same bits. Randomness is fixed by seed, epoch and step. */
export interface TrainingState {
  /** Hash of what the run was asked to do; a checkpoint serves that run alone. */
  readonly description: string;
  readonly seed: number;
  /** Epoch and step that come next, from 0. */
  readonly epoch: number;
  readonly step: number;
  /** Sums of the epoch that was begun. */
  readonly metrics: Metrics;
  /** Milliseconds that the begun epoch has trained. */
  readonly trainedMs: number;
  readonly records: readonly EpochRecord[];
}

export interface Checkpoint {
  readonly state: TrainingState;
  /** All variables: weights, batch norm's moving averages, optimizer slots. */
  readonly weights: Weights;
}

const magic = 'precrop-checkpoint-1\n';

/** Writes magic, SHA-256 of what follows, header length, JSON header, float32 values. @throws StorageError when it cannot be written. */
export async function saveCheckpoint(path: string, { state, weights }: Checkpoint): Promise<void> {
  const variables = [...weights].map(([name, values]) => ({ name, length: values.length }));
  const header = Buffer.from(JSON.stringify({ state, variables }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const body = [length, header, ...[...weights.values()].map(bytesOfValues)];
  await writeFile(path, [magic, digest(body), ...body]);
}

/** The checkpoint at `path`, or undefined where there is none. @throws TrainingError for a damaged file. */
export async function loadCheckpoint(path: string): Promise<Checkpoint | undefined> {
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  const start = magic.length + 32;
  const body = file.subarray(start);
  const isWhole = file.subarray(0, magic.length).toString() === magic && file.subarray(magic.length, start).equals(digest([body]));
  if (!isWhole) {
    throw new TrainingError(`The checkpoint ${path} is damaged: its checksum does not fit. Delete it to begin the run anew.`);
  }
  const headerEnd = 4 + body.readUInt32LE(0);
  const header = JSON.parse(body.subarray(4, headerEnd).toString()) as {
    state: TrainingState;
    variables: readonly { name: string; length: number }[];
  };
  let offset = headerEnd;
  const weights = header.variables.map(({ name, length }): [string, Float32Array] => {
    const bytes = body.subarray(offset, offset + 4 * length);
    offset += 4 * length;
    return [name, new Float32Array(Uint8Array.from(bytes).buffer)];
  });
  return { state: header.state, weights: new Map(weights) };
}

function digest(chunks: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest();
}

function bytesOfValues(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
