import { selectBackend } from '@precrop/sdk/backends/registry';
import { toInference } from '@precrop/sdk/program/training-step';
import { collectVariables, initializeVariables } from '@precrop/sdk/program/variables';
import type { CreateService } from '../worker/service.js';
import { createRandomBatch } from './random-batch.js';
import { createTimedService, type StepInput, type TimedMethods } from './timed-service.js';
import { versionsOf } from './versions-of.js';

/** Inference of one batch through a backend, from images to probabilities. */
export const createInferenceOurs: CreateService<StepInput, TimedMethods> = async ({ architecture, batch, backend: name }, context) => {
  const program = toInference(architecture);
  const { backend, probe } = await selectBackend(name);
  const executable = await backend.compile([program]);
  await executable.writeVariables(initializeVariables(collectVariables([program]), context.rng.fork('weights')));
  const { images } = createRandomBatch(architecture, batch, context.rng.fork('batch'));
  const repeat = (): Promise<unknown> => executable.run(program.name, { images });
  return createTimedService({ repeat, versions: versionsOf(probe), dispose: executable.dispose }, context);
};
