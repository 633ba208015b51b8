import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunContext } from '@precrop/sdk/core/context';
import { exportModel } from '@precrop/sdk/export/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { toInference } from '@precrop/sdk/program/training-step';
import { writeModelFile } from '@precrop/sdk/runtimes/model-files';
import { listRuntimes } from '@precrop/sdk/runtimes/registry';
import { median } from '../measure/statistics.js';
import { startWorker } from '../worker/start-worker.js';
import { tileWeights } from './tiled-weights.js';

export interface MemoryRequest {
  readonly architecture: Architecture;
  readonly batch: number;
  /** A name of the runtimes' registry: never `auto`. */
  readonly runtime: string;
  readonly threads: number;
  /** Fresh processes, of which the median is told. Default: 1. */
  readonly processes?: number;
}

export interface MeasuredMemory {
  readonly peakBytes: number;
  /** One a process. */
  readonly samplesBytes: readonly number[];
}

/**
 * How far JavaScript's young generation grows is chance, by 7 % of what a small network's process takes in all: it is held at its least, in which a
 * process takes what its network needs.
 */
const memoryFlags: readonly string[] = ['--max-semi-space-size=1'];

/**
 * Highest resident memory of a fresh process that loads a network with random weights from a file and runs it a few times, over what the bare
 * process had.
 * @throws BackendError where the runtime cannot be used or cannot load the network.
 */
export async function measureMemory(request: MemoryRequest, context: RunContext): Promise<MeasuredMemory> {
  const { runtime, threads, batch, processes = 1 } = request;
  const folder = await mkdtemp(join(tmpdir(), 'precrop-memory-'));
  try {
    const path = await writeModel(request, folder, context);
    const measure = async (): Promise<number> => {
      const worker = await startWorker('profile-memory', { runtime, threads, batch, path }, { context, threads, flags: memoryFlags });
      try {
        const { bareBytes, peakBytes } = await worker.call('measure');
        return Math.max(1, peakBytes - bareBytes);
      } finally {
        worker.kill(); // it has told what it is for
      }
    };
    // side by side: nothing is timed
    const samplesBytes = await Promise.all(Array.from({ length: processes }, measure));
    return { peakBytes: median(samplesBytes), samplesBytes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeModel({ architecture, batch, runtime }: MemoryRequest, folder: string, { rng }: RunContext): Promise<string> {
  const format = listRuntimes().find(({ name }) => name === runtime)?.format ?? 'onnx';
  const weights = tileWeights(toInference(architecture).variables, rng.fork('weights'));
  const path = join(folder, format === 'onnx' || format === 'tflite' ? `model.${format}` : 'model');
  await writeModelFile(path, await exportModel({ architecture, weights, metadata: {} }, format, { batch }));
  return path;
}
