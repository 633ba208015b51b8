import { exportModel } from '@precrop/sdk/export/registry';
import { selectRuntime } from '@precrop/sdk/runtimes/registry';
import type { CreateService } from '../worker/service.js';
import { createRandomModel } from './create-random-model.js';
import { createRandomBatch } from './random-batch.js';
import { createTimedService, type TimedInferenceInput, type TimedInferenceMethods } from './timed-service.js';
import { versionsOf } from './versions-of.js';

/** Inference of one batch, from images to logits: the network, folded, in the file that the runtime loads, run by the runtime. */
export const createInferenceSession: CreateService<TimedInferenceInput, TimedInferenceMethods> = async (input, context) => {
  const { architecture, batch, runtime: name, threads } = input;
  const { runtime, probe } = await selectRuntime(name);
  const model = createRandomModel(architecture, context.rng.fork('weights'));
  const file = await exportModel(model, runtime.format, { batch });
  const session = await runtime.load(file, { threads, batch });
  const { images } = createRandomBatch(architecture, batch, context.rng.fork('batch'));
  const timed = createTimedService(
    { repeat: () => session.infer(images), versions: versionsOf(probe), dispose: () => session.dispose() },
    context,
  );
  return { ...timed, methods: { ...timed.methods, threads: async () => session.threads } };
};
