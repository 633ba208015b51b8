import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { toInference } from '@precrop/sdk/program/training-step';
import { collectVariables, initializeVariables } from '@precrop/sdk/program/variables';
import type { CreateService } from '../worker/service.js';
import { createRandomBatch } from './random-batch.js';
import { createTimedService, type StepInput, type TimedMethods } from './timed-service.js';
import { versionsOf } from './versions-of.js';

/** Inference of one batch in tfjs-node's session, from images to probabilities. */
export const createInferenceOurs: CreateService<StepInput, TimedMethods> = async ({ architecture, batch }, context) => {
  const program = toInference(architecture);
  const backend = createTensorflowGraphBackend();
  const executable = await backend.compile([program]);
  await executable.writeVariables(initializeVariables(collectVariables([program]), context.rng.fork('weights')));
  const { images } = createRandomBatch(architecture, batch, context.rng.fork('batch'));
  const repeat = (): Promise<unknown> => executable.run(program.name, { images });
  return createTimedService({ repeat, versions: versionsOf(await backend.probe()), dispose: executable.dispose }, context);
};
