/**
 * A process that trains a few steps at batch 2 and then at the batch given: `node --expose-gc measure-step-memory.js ARCH BATCH`. Prints by how
 * many bytes the second grew its highest resident memory over what it held before: library, graph, variables and images were there already.
 */
import { measureResidentMemory, restartPeakRss } from '@precrop/device-agent/measure/peak-rss';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { createRng } from '@precrop/sdk/core/rng';
import { toTrainingStep } from '@precrop/sdk/program/training-step';
import { collectVariables, initializeVariables } from '@precrop/sdk/program/variables';
import { defaultRecipe } from '@precrop/sdk/train/recipe';

const [, , name = '', batch = ''] = process.argv;
const architecture = createArchitecture(name);
const program = toTrainingStep(architecture, defaultRecipe.optimizer, defaultRecipe);
const executable = await createTensorflowGraphBackend().compile([program]);
await executable.writeVariables(initializeVariables(collectVariables([program]), createRng(0)));

await runSteps(2);
const images = toImages(Number(batch));
(globalThis as { gc?: () => void }).gc?.();
restartPeakRss();
const before = measureResidentMemory().rssBytes;
await runSteps(Number(batch), images);
process.stdout.write(`${measureResidentMemory().peakRssBytes - before}\n`);

async function runSteps(count: number, values: Float32Array = toImages(count)): Promise<void> {
  for (let step = 0; step < 3; step++) {
    await executable.run('train', { images: values, labels: new Int32Array(count), learningRate: 1e-3 }, ['loss']);
  }
}

function toImages(count: number): Float32Array {
  return Float32Array.from({ length: count * architecture.input.reduce((size, extent) => size * extent, 1) }, (_, index) =>
    Math.sin(index),
  );
}
