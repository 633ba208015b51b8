/**
 * How long criteria take: `node test/dist/bench/criteria.js [ARCHITECTURE [DENSITY [CRITERION ...]]]`. Each scores in a process of its own, from first weights and ten
 * CIFAR-10 images a class to masks; so the time holds the compilation of its programs. The native library is warm, as after any other work.
 */

import { loadChosenDataset } from '@precrop/device-agent/jobs/dataset-choice';
import { chooseMasks } from '@precrop/device-agent/jobs/mask-choice';
import type { CreateService } from '@precrop/device-agent/worker/service';
import { startWorker } from '@precrop/device-agent/worker/start-worker';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { selectBackend } from '@precrop/sdk/backends/registry';
import { createContext } from '@precrop/sdk/core/context';
import { findDensities } from '@precrop/sdk/density/registry';
import { toInference } from '@precrop/sdk/program/training-step';
import { initializeWeights } from '@precrop/sdk/program/variables';
import { criteria } from '@precrop/sdk/saliency/registry';

interface TimedCriterion {
  /** Milliseconds of each whole scoring, the first one too. */
  times(request: { readonly source: string; readonly repeats: number }): Promise<readonly number[]>;
}

interface Network {
  readonly name: string;
  readonly density: number;
}

/** Started by `startWorker` from this very file. */
export const createService: CreateService<Network, TimedCriterion> = async ({ name, density }, context) => {
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

if (process.argv[1] === new URL(import.meta.url).pathname) await main(process.argv.slice(2));

async function main([name = 'resnet-20', share = '0.1', ...asked]: readonly string[]): Promise<void> {
  const density = Number(share);
  const names = asked.length > 0 ? asked : criteria.map((criterion) => criterion.name);
  process.stdout.write(`${name} at density ${share}, ms of each of three scorings in a row:\n`);
  for (const source of names) {
    const worker = await startWorker<TimedCriterion>(new URL(import.meta.url), { name, density }, { context: createContext() });
    const times = await worker.call('times', { source, repeats: 3 });
    process.stdout.write(`${source.padEnd(20)} ${times.map((time) => time.toFixed(0).padStart(7)).join(' ')}\n`);
    await worker.close();
  }
  const architecture = createArchitecture(name);
  const times = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    findDensities(architecture, 'synexp', { params: density });
    return performance.now() - begun;
  });
  process.stdout.write(`${'synexp'.padEnd(20)} ${times.map((time) => time.toFixed(2).padStart(7)).join(' ')}\n`);
}
