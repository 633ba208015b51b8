import { selectBackend } from '@precrop/sdk/backends/registry';
import { createLayersTrainer } from '@precrop/sdk/backends/tfjs-layers/layers-trainer';
import type { CreateService } from '../worker/service.js';
import { createRandomBatch } from './random-batch.js';
import { stepRecipe } from './step-recipe.js';
import { createTimedService, type TimedInferenceInput, type TimedInferenceMethods } from './timed-service.js';

/** The reference: tfjs-layers' `predict` of the same network on tfjs-node, as its users call it. */
export const createInferenceLayers: CreateService<TimedInferenceInput, TimedInferenceMethods> = async (input, context) => {
  const { architecture, batch, threads } = input;
  await selectBackend('tensorflow-graph'); // says why where the native library cannot be used
  const { predict, versions, dispose } = createLayersTrainer(architecture, stepRecipe);
  const { images } = createRandomBatch(architecture, batch, context.rng.fork('batch'));
  const timed = createTimedService({ repeat: async () => predict(images), versions, dispose }, context);
  return { ...timed, methods: { ...timed.methods, threads: async () => threads } };
};
