import { selectBackend } from '@precrop/sdk/backends/registry';
import { toTrainingStep } from '@precrop/sdk/program/training-step';
import { collectVariables } from '@precrop/sdk/program/variables';
import { createRandomBatch } from '../bench/random-batch.js';
import { stepRecipe } from '../bench/step-recipe.js';
import type { CreateService } from '../worker/service.js';
import { toEngineState } from './inference-service.js';
import { createNetworkTimer, type NetworkTimerMethods } from './network-timer.js';
import { tileWeights } from './tiled-weights.js';

export interface ProfileTrainingInput {
  /** A name of the backends' registry: never `auto`. */
  readonly backend: string;
  readonly threads: number;
}

/** Training steps of one network after the other: forward, backward and update, as one program of a backend. */
export const createProfileTraining: CreateService<ProfileTrainingInput, NetworkTimerMethods> = async (input, context) => {
  const { learningRate, ...optimizer } = stepRecipe;
  const { backend, probe } = await selectBackend(input.backend);
  return createNetworkTimer(
    toEngineState(probe),
    async ({ architecture, batch }) => {
      const program = toTrainingStep(architecture, { kind: 'sgd', weightDecay: 0, ...optimizer }, { labelSmoothing: 0 });
      const executable = await backend.compile([program]);
      await executable.writeVariables(tileWeights(collectVariables([program]), context.rng.fork('weights')));
      const feeds = { ...createRandomBatch(architecture, batch, context.rng.fork('batch')), learningRate };
      return {
        threads: input.threads,
        repeat: () => executable.run(program.name, feeds, ['loss']),
        dispose: executable.dispose,
      };
    },
    context,
  );
};
