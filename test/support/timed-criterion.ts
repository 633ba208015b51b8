import { loadChosenDataset } from '@precrop/device-agent/jobs/dataset-choice';
import { chooseMasks } from '@precrop/device-agent/jobs/mask-choice';
import type { CreateService } from '@precrop/device-agent/worker/service';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { selectBackend } from '@precrop/sdk/backends/registry';
import { toInference } from '@precrop/sdk/program/training-step';
import { initializeWeights } from '@precrop/sdk/program/variables';

export interface TimedCriterion {
  /** Milliseconds of each whole scoring, the first one too. */
  times(request: { readonly source: string; readonly repeats: number }): Promise<readonly number[]>;
}

export interface ScoredNetwork {
  readonly name: string;
  readonly density: number;
}

/** Scores one network, again and again. */
export const createService: CreateService<ScoredNetwork, TimedCriterion> = async ({ name, density }, context) => {
  const architecture = createArchitecture(name);
  const { backend } = await selectBackend('auto');
  const dataset = await loadChosenDataset({ name: 'cifar10', seed: 0 }, context);
  const warm = await backend.compile([toInference(architecture)]);
  await warm.writeVariables(initializeWeights(architecture, 0));
  await warm.run('infer', { images: new Float32Array(architecture.input.reduce((product, extent) => product * extent, 1)) });
  warm.dispose();
  return {
    methods: {
      async times({ source, repeats }) {
        const times: number[] = [];
        for (let repeat = 0; repeat < repeats; repeat++) {
          const begun = performance.now();
          const choice = { source, density, granularity: 'unstructured', redraw: false } as const;
          await chooseMasks(choice, { architecture, seed: 0, dataset, backend }, context);
          times.push(performance.now() - begun);
        }
        return times;
      },
    },
  };
};
