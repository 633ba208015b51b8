import type { RunContext } from '@precrop/sdk/core/context';
import type { Model } from '@precrop/sdk/export/model';
import { exportModel } from '@precrop/sdk/export/registry';
import { selectRuntime } from '@precrop/sdk/runtimes/registry';
import type { CreateService, Service } from '../worker/service.js';
import { createRandomModel } from './create-random-model.js';
import { createRandomBatch } from './random-batch.js';
import { createTimedService, type TimedInferenceInput, type TimedInferenceMethods } from './timed-service.js';
import { versionsOf } from './versions-of.js';

/** Inference of one batch, from images to logits, by a network with random weights. */
export const createInferenceSession: CreateService<TimedInferenceInput, TimedInferenceMethods> = (input, context) =>
  createModelSession(createRandomModel(input.architecture, context.rng.fork('weights')), input, context);

/** Inference of one batch by a model: folded, in the file that the runtime loads, run by the runtime. */
export async function createModelSession(
  model: Model,
  { architecture, batch, runtime: name, threads }: TimedInferenceInput,
  context: RunContext,
  options: { readonly sparse?: boolean } = {},
): Promise<Service<TimedInferenceMethods>> {
  const { runtime, probe } = await selectRuntime(name);
  const file = await exportModel(model, runtime.format, { batch, ...options });
  const session = await runtime.load(file, { threads, batch });
  const { images } = createRandomBatch(architecture, batch, context.rng.fork('batch'));
  const timed = createTimedService(
    { repeat: () => session.infer(images), versions: versionsOf(probe), dispose: () => session.dispose() },
    context,
  );
  return { ...timed, methods: { ...timed.methods, threads: async () => session.threads } };
}
