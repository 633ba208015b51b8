import { selectBackend } from '@precrop/sdk/backends/registry';
import { initializeVariables } from '@precrop/sdk/program/variables';
import type { CreateService } from '../worker/service.js';
import { peakProgram } from './peak-program.js';
import { createTimedService, type StepInput, type TimedMethods } from './timed-service.js';
import { versionsOf } from './versions-of.js';

/** Times large matrix products through the backend that runs the training step. */
export const createPeakRate: CreateService<Pick<StepInput, 'backend'>, TimedMethods> = async ({ backend: name }, context) => {
  const { backend, probe } = await selectBackend(name);
  const executable = await backend.compile([peakProgram]);
  await executable.writeVariables(initializeVariables(peakProgram.variables, context.rng.fork('weights')));
  const repeat = (): Promise<unknown> => executable.run(peakProgram.name, {});
  return createTimedService({ repeat, versions: versionsOf(probe), dispose: executable.dispose }, context);
};
