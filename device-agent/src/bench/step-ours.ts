import { selectBackend } from '@precrop/sdk/backends/registry';
import { toTrainingStep } from '@precrop/sdk/program/training-step';
import { collectVariables, initializeVariables } from '@precrop/sdk/program/variables';
import type { CreateService } from '../worker/service.js';
import { createRandomBatch } from './random-batch.js';
import { stepRecipe } from './step-recipe.js';
import { createTimedService, type StepInput, type TimedMethods } from './timed-service.js';
import { versionsOf } from './versions-of.js';

/** Our training step: one program, run by a backend. */
export const createStepOurs: CreateService<StepInput, TimedMethods> = async ({ architecture, batch, backend: name }, context) => {
  const { learningRate, ...optimizer } = stepRecipe;
  const program = toTrainingStep(architecture, { kind: 'sgd', weightDecay: 0, ...optimizer }, { labelSmoothing: 0 });
  const { backend, probe } = await selectBackend(name);
  const executable = await backend.compile([program]);
  await executable.writeVariables(initializeVariables(collectVariables([program]), context.rng.fork('weights')));
  const feeds = { ...createRandomBatch(architecture, batch, context.rng.fork('batch')), learningRate };
  const repeat = (): Promise<unknown> => executable.run(program.name, feeds, ['loss']);
  return createTimedService({ repeat, versions: versionsOf(probe), dispose: executable.dispose }, context);
};
