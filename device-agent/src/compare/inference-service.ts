import { ModelFileError } from '@precrop/sdk/core/errors';
import { exportModel } from '@precrop/sdk/export/registry';
import { selectRuntime } from '@precrop/sdk/runtimes/registry';
import { loadWeightsFile } from '@precrop/sdk/train/weights-file';
import { createRandomBatch } from '../bench/random-batch.js';
import { createTimedService, type TimedInferenceInput, type TimedInferenceMethods } from '../bench/timed-service.js';
import { versionsOf } from '../bench/versions-of.js';
import type { CreateService } from '../worker/service.js';

export interface NetworkInferenceInput extends TimedInferenceInput {
  readonly weightsPath: string;
  /** Whether the file stores mostly empty kernels as what is left of them. */
  readonly sparse: boolean;
}

/** Inference of one batch by a network with given weights: to a sparse runtime it matters where the zeros are. */
export const createNetworkInference: CreateService<NetworkInferenceInput, TimedInferenceMethods> = async (input, context) => {
  const { architecture, batch, runtime: name, threads, weightsPath, sparse } = input;
  const { runtime, probe } = await selectRuntime(name);
  const damaged = (reason: string): ModelFileError => new ModelFileError(`The weights that were to be timed are damaged: ${reason}.`);
  const kept = await loadWeightsFile(weightsPath, damaged);
  if (!kept) throw damaged('their file is gone');
  const file = await exportModel({ architecture, weights: kept.weights, metadata: {} }, runtime.format, { batch, sparse });
  const session = await runtime.load(file, { threads, batch });
  const { images } = createRandomBatch(architecture, batch, context.rng.fork('batch'));
  const timed = createTimedService(
    { repeat: () => session.infer(images), versions: versionsOf(probe), dispose: () => session.dispose() },
    context,
  );
  return { ...timed, methods: { ...timed.methods, threads: async () => session.threads } };
};
