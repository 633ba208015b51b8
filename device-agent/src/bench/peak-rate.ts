import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { initializeVariables } from '@precrop/sdk/program/variables';
import type { CreateService } from '../worker/service.js';
import { peakProgram } from './peak-program.js';
import { createTimedService, type TimedMethods } from './timed-service.js';
import { versionsOf } from './versions-of.js';

/** Times large matrix products through the backend that runs the training step. */
export const createPeakRate: CreateService<undefined, TimedMethods> = async (_input, context) => {
  const backend = createTensorflowGraphBackend();
  const executable = await backend.compile([peakProgram]);
  await executable.writeVariables(initializeVariables(peakProgram.variables, context.rng.fork('weights')));
  const repeat = (): Promise<unknown> => executable.run(peakProgram.name, {});
  return createTimedService({ repeat, versions: versionsOf(await backend.probe()), dispose: executable.dispose }, context);
};
