import type { Probe } from '@precrop/sdk/backends/backend';
import { BackendError } from '@precrop/sdk/core/errors';
import { exportModel } from '@precrop/sdk/export/registry';
import { toInference } from '@precrop/sdk/program/training-step';
import { selectRuntime } from '@precrop/sdk/runtimes/registry';
import { createRandomBatch } from '../bench/random-batch.js';
import type { CreateService } from '../worker/service.js';
import { createNetworkTimer, type EngineState, type NetworkTimerMethods } from './network-timer.js';
import { tileWeights } from './tiled-weights.js';

export interface ProfileInferenceInput {
  /** A name of the runtimes' registry: never `auto`. */
  readonly runtime: string;
  readonly threads: number;
}

/** Inference of one network after the other by a runtime, from images to logits: batch norms folded, in the file that it loads. */
export const createProfileInference: CreateService<ProfileInferenceInput, NetworkTimerMethods> = async (input, context) => {
  const { runtime, probe } = await selectRuntime(input.runtime);
  return createNetworkTimer(
    toEngineState(probe),
    async ({ architecture, batch }) => {
      const weights = tileWeights(toInference(architecture).variables, context.rng.fork('weights'));
      const file = await exportModel({ architecture, weights, metadata: {} }, runtime.format, { batch });
      const session = await runtime.load(file, { threads: input.threads, batch });
      const { images } = createRandomBatch(architecture, batch, context.rng.fork('batch'));
      return { threads: session.threads, repeat: () => session.infer(images), dispose: () => session.dispose() };
    },
    context,
  );
};

/** @throws BackendError where the engine cannot be used. */
export function toEngineState(probe: Probe): EngineState {
  if (!('version' in probe)) throw new BackendError(probe.reason);
  return { status: probe.status, version: probe.version, device: probe.device };
}
