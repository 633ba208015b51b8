import { createArchitecture } from '@precrop/sdk/architectures/registry';
import type { Backend } from '@precrop/sdk/backends/backend';
import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { createContext } from '@precrop/sdk/core/context';
import { createRng } from '@precrop/sdk/core/rng';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import { findDensities } from '@precrop/sdk/density/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { kernelName, type Masks, type Scores, toLayerDensities } from '@precrop/sdk/mask/masks';
import { drawMasks } from '@precrop/sdk/mask/realise';
import { initializeWeights } from '@precrop/sdk/program/variables';
import { pruneNetwork } from '@precrop/sdk/saliency/prune';
import { synflow } from '@precrop/sdk/saliency/synflow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/skip.js';

const graph = createTensorflowGraphBackend();
const probe = await graph.probe();
const isUsable = 'device' in probe;
const eager = createTfjsEagerBackend({ device: 'wasm' });
const fastest: Backend = isUsable ? graph : eager;

type Weights = ReadonlyMap<string, Float32Array>;

// Tanaka et al. 2020, arXiv 2006.05467, theorem 1: what flows into a set of weights that cuts the input from the output is the whole flow.
for (const backend of isUsable ? [graph, eager] : [eager]) {
  for (const name of ['vgg-11', 'mobilenet-v1-x0.25-cifar']) {
    for (const density of [1, 0.3]) {
      test(`${backend.name}: the scores of each layer of ${name} have one sum, at density ${density}`, async () => {
        const architecture = createArchitecture(name, { inputSize: 16 });
        const sums = toSums(await score(architecture, backend, { masks: draw(architecture, density) }));
        checkEqual([...sums.values()]);
      });
    }
  }

  test(`${backend.name}: in a residual network each cut has the whole flow, and both layers of a block have what its branch has`, async () => {
    const architecture = createArchitecture('resnet-20', { inputSize: 16 });
    const sums = toSums(await score(architecture, backend, { masks: draw(architecture, 0.5) }));
    const of = (id: string): number => sums.get(id) as number;
    const whole = of('stem.conv');
    checkEqual([whole, of('head.fc')]);
    for (const block of ['stage2.block1', 'stage3.block1']) checkEqual([whole, of(`${block}.conv2`) + of(`${block}.shortcut.conv`)]);
    for (const block of [1, 2, 3].flatMap((stage) => [1, 2, 3].map((index) => `stage${stage}.block${index}`))) {
      checkEqual([of(`${block}.conv1`), of(`${block}.conv2`)]);
      assert.ok(of(`${block}.conv1`) < whole, block);
    }
  });
}

for (const [name, cut] of [
  ['resnet-110', ['stem.conv', 'head.fc']],
  ['vgg-19', undefined],
] as const) {
  const title = `${name}: the flow is beyond float32, the scores are not, and none is lost`;
  if (isUsable)
    test(title, async () => {
      const architecture = createArchitecture(name);
      const scores = await score(architecture, graph);
      for (const [id, layer] of scores)
        assert.ok(
          layer.every((value) => Number.isFinite(value) && value > 0),
          id,
        );
      const sums = toSums(scores);
      checkEqual([...(cut ?? sums.keys())].map((id) => sums.get(id) as number));
    });
  else skip(test, title, probe.reason);
}

test('weights of any size rank as they do where nothing has to be rescaled', async () => {
  const architecture = createArchitecture('resnet-20-w4', { inputSize: 16 });
  const weights = initializeWeights(architecture, 0);
  const plain = await score(architecture, fastest, { weights });
  const enlarge = (factors: Readonly<Record<string, number>>): Weights =>
    new Map(
      [...weights].map(([name, values]) => {
        const factor = factors[name] ?? 1;
        return [name, values.map((value) => value * factor)];
      }),
    );
  // A factor on a whole cut is one of every score. 1e30 · 1e30 is beyond float32, and so is 1e-30 · 1e-30.
  for (const factor of [1e30, 1e-30]) {
    const scores = await score(architecture, fastest, {
      weights: enlarge({ [kernelName('stem.conv')]: factor, [kernelName('head.fc')]: factor }),
    });
    const ratios = [...scores].flatMap(([id, layer]) => [...layer].map((value, index) => value / (plain.get(id)?.[index] as number)));
    checkEqual([Math.min(...ratios), Math.max(...ratios)]);
  }
});

test('relu6 counts as relu: a wide network conserves its flow, too', async () => {
  const architecture = createArchitecture('mobilenet-v2-x0.5-cifar', { inputSize: 16 });
  const sums = toSums(await score(architecture, fastest));
  checkEqual(['stem.conv', 'head.conv', 'head.fc'].map((id) => sums.get(id) as number));
});

{
  const title = 'SynExp foretells the layer densities that SynFlow comes to on ResNet-20 at 0.1';
  if (isUsable)
    test(title, async () => {
      const architecture = createArchitecture('resnet-20');
      const task = { architecture, weights: initializeWeights(architecture, 0), backend: graph, context: createContext() };
      const found = toLayerDensities(await pruneNetwork(synflow, task, 0.1));
      const foretold = findDensities(architecture, 'synexp', { params: 0.1 });
      const main = findPrunableLayers(architecture).filter(({ kernelShape: [height, width] }) => height === 3 && width === 3);
      const distances = main.map(({ id }) => Math.abs(Math.log((found.get(id) as number) / (foretold.get(id) as number))));
      const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
      assert.is(main.length, 19);
      assert.ok(mean <= 0.15, `the mean |log ratio| is ${mean}`);
    });
  else skip(test, title, probe.reason);
}

function draw(architecture: Architecture, density: number): Masks {
  const layers = findPrunableLayers(architecture);
  return drawMasks(layers, new Map(layers.map(({ id }) => [id, density])), createRng(1));
}

async function score(
  architecture: Architecture,
  backend: Backend,
  {
    weights = initializeWeights(architecture, 0),
    masks = draw(architecture, 1),
  }: { readonly weights?: Weights; readonly masks?: Masks } = {},
): Promise<Scores> {
  const scorer = await synflow.createScorer({ architecture, weights, backend, context: createContext() });
  try {
    return await scorer.score(masks, 0, 1);
  } finally {
    scorer.dispose();
  }
}

/** Of each layer's scores, in double precision. */
function toSums(scores: Scores): ReadonlyMap<string, number> {
  return new Map([...scores].map(([id, layer]) => [id, layer.reduce((sum, value) => sum + value, 0)]));
}

function checkEqual(values: readonly number[]): void {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  assert.ok(least > 0 && Number.isFinite(most) && most - least <= 1e-4 * most, `from ${least} to ${most}`);
}

test.run();
