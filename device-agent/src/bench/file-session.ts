import { loadModelFile } from '@precrop/sdk/runtimes/model-files';
import { selectRuntime } from '@precrop/sdk/runtimes/registry';
import type { CreateService } from '../worker/service.js';
import { createRandomBatch } from './random-batch.js';
import { createTimedService, type TimedInferenceInput, type TimedInferenceMethods } from './timed-service.js';
import { versionsOf } from './versions-of.js';

export interface FileInferenceInput extends Omit<TimedInferenceInput, 'architecture'> {
  /** Of the model's file. */
  readonly path: string;
}

export interface FileInferenceMethods extends TimedInferenceMethods {
  /** Of the batch that is timed: the same images in every process of one bench. */
  logits(): Promise<Float32Array>;
}

/** Inference of one batch of a model in a file. */
export const createFileSession: CreateService<FileInferenceInput, FileInferenceMethods> = async (input, context) => {
  const { path, batch, runtime: name, threads } = input;
  const { runtime, probe } = await selectRuntime(name);
  const session = await runtime.load(await loadModelFile(path), { threads, batch });
  const { images } = createRandomBatch(session, batch, context.rng.fork('batch'));
  const timed = createTimedService(
    { repeat: () => session.infer(images), versions: versionsOf(probe), dispose: () => session.dispose() },
    context,
  );
  return { ...timed, methods: { ...timed.methods, threads: async () => session.threads, logits: () => session.infer(images) } };
};
