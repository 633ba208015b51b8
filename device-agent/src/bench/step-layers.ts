import { createLayersTrainer } from '@precrop/sdk/backends/tfjs-layers/layers-trainer';
import type { CreateService } from '../worker/service.js';
import { createRandomBatch } from './random-batch.js';
import { stepRecipe } from './step-recipe.js';
import { createTimedService, type StepInput, type TimedMethods } from './timed-service.js';

/** The reference: tfjs-layers' `trainOnBatch` of the same network, on the same native library. */
export const createStepLayers: CreateService<StepInput, TimedMethods> = async ({ architecture, batch }, context) => {
  const { trainOnBatch, versions, dispose } = createLayersTrainer(architecture, stepRecipe);
  const { images, labels } = createRandomBatch(architecture, batch, context.rng.fork('batch'));
  return createTimedService({ repeat: () => trainOnBatch(images, labels), versions, dispose }, context);
};
