import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { foldBatchNorm } from '@precrop/sdk/export/fold';
import type { Model } from '@precrop/sdk/export/model';
import { exportModel } from '@precrop/sdk/export/registry';
import { createTfliteRuntime } from '@precrop/sdk/runtimes/tflite/node';
import { test } from 'uvu';
import { computeLogits, createImages, createModel } from '../support/model-zoo.js';
import { allNear } from '../support/near.js';
import { roundKernels } from '../support/round-kernels.js';
import { registerRuntimeTests } from './runtime-suite.js';

await registerRuntimeTests(test, 'tflite');

const dense = createModel(createArchitecture('mobilenet-v2-x0.35-cifar'));
const images = createImages(dense.architecture, 2);

for (const float16 of [false, true]) {
  for (const sparse of [false, true]) {
    test(`weights in ${float16 ? 'float16' : 'float32'}, ${sparse ? 'stored sparsely' : 'all of them'}, give the logits that they stand for`, async () => {
      const model = sparse ? withZeros(dense) : dense;
      const folded = foldBatchNorm(model);
      const expected = await computeLogits(float16 ? roundKernels(folded) : folded, images);
      const session = await createTfliteRuntime().load(await exportModel(model, 'tflite', { sparse, float16 }));
      allNear(await session.infer(images), expected, 1e-4);
      await session.dispose();
    });
  }
}

/** Nine of ten weights of the pointwise convolutions are zero. */
function withZeros({ architecture, weights, metadata }: Model): Model {
  const kept = [...weights].map(
    ([name, values]) => [name, isPointwise(name) ? values.map((value, index) => (index % 10 ? 0 : value)) : values] as const,
  );
  return { architecture, weights: new Map(kept), metadata };
}

function isPointwise(name: string): boolean {
  return /(expand|project)\S*\/kernel$/.test(name);
}

test.run();
