import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { toTrainingStep } from '@precrop/sdk/program/training-step';
import { collectVariables, initializeVariables } from '@precrop/sdk/program/variables';
import type { CreateService } from '../worker/service.js';
import { createRandomBatch } from './random-batch.js';
import { stepRecipe } from './step-recipe.js';
import { createTimedService, type StepInput, type TimedMethods } from './timed-service.js';

/** Our training step: one program, run whole in tfjs-node's session. */
export const createStepOurs: CreateService<StepInput, TimedMethods> = async ({ architecture, batch }, context) => {
  const program = toTrainingStep(architecture, { kind: 'sgd', ...stepRecipe }, { labelSmoothing: 0 });
  const executable = await createTensorflowGraphBackend().compile([program]);
  await executable.writeVariables(initializeVariables(collectVariables([program]), context.rng.fork('weights')));
  const feeds = { ...createRandomBatch(architecture, batch, context.rng.fork('batch')), learningRate: stepRecipe.learningRate };
  return createTimedService(() => executable.run(program.name, feeds, ['loss']), executable.dispose, context);
};
