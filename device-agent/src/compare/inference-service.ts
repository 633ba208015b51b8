import { ModelFileError } from '@precrop/sdk/core/errors';
import { loadWeightsFile } from '@precrop/sdk/train/weights-file';
import { createModelSession } from '../bench/inference-session.js';
import type { TimedInferenceInput, TimedInferenceMethods } from '../bench/timed-service.js';
import type { CreateService } from '../worker/service.js';

export interface NetworkInferenceInput extends TimedInferenceInput {
  readonly weightsPath: string;
  /** Whether the file stores mostly empty kernels as what is left of them. */
  readonly sparse: boolean;
}

/** Inference of one batch by a network with given weights: to a sparse runtime it matters where the zeros are. */
export const createNetworkInference: CreateService<NetworkInferenceInput, TimedInferenceMethods> = async (input, context) => {
  const { architecture, weightsPath, sparse } = input;
  const damaged = (reason: string): ModelFileError => new ModelFileError(`The weights that were to be timed are damaged: ${reason}.`);
  const kept = await loadWeightsFile(weightsPath, damaged);
  if (!kept) throw damaged('their file is gone');
  return createModelSession({ architecture, weights: kept.weights, metadata: {} }, input, context, { sparse });
};
