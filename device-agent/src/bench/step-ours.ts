import { selectBackend } from '@precrop/sdk/backends/registry';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import { kernelName } from '@precrop/sdk/mask/masks';
import { toTrainingStep } from '@precrop/sdk/program/training-step';
import { collectVariables, initializeVariables } from '@precrop/sdk/program/variables';
import type { CreateService } from '../worker/service.js';
import { createRandomBatch } from './random-batch.js';
import { stepRecipe } from './step-recipe.js';
import { createTimedService, type StepInput, type TimedMethods } from './timed-service.js';
import { versionsOf } from './versions-of.js';

/** Our training step: one program, run by a backend. */
export const createStepOurs: CreateService<StepInput, TimedMethods> = async (input, context) => {
  const { architecture, batch, backend: name, masked = false } = input;
  const { learningRate, ...optimizer } = stepRecipe;
  const masks = masked ? findPrunableLayers(architecture).map(({ id }) => kernelName(id)) : [];
  const program = toTrainingStep(architecture, { kind: 'sgd', weightDecay: 0, ...optimizer }, { labelSmoothing: 0 }, masks);
  const { backend, probe } = await selectBackend(name);
  const executable = await backend.compile([program]);
  await executable.writeVariables(initializeVariables(collectVariables([program]), context.rng.fork('weights')));
  const feeds = { ...createRandomBatch(architecture, batch, context.rng.fork('batch')), learningRate };
  const repeat = (): Promise<unknown> => executable.run(program.name, feeds, ['loss']);
  return createTimedService({ repeat, versions: versionsOf(probe), dispose: executable.dispose }, context);
};
