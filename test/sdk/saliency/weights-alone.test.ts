import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { createContext } from '@precrop/sdk/core/context';
import { CancelledError } from '@precrop/sdk/core/errors';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { findEffectiveMasks } from '@precrop/sdk/mask/effective-density';
import { countOnes, kernelName, type Masks, toLayerDensities } from '@precrop/sdk/mask/masks';
import { initializeWeights } from '@precrop/sdk/program/variables';
import { pruneNetwork } from '@precrop/sdk/saliency/prune';
import { findCriterion } from '@precrop/sdk/saliency/registry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

// Criteria that run no program: they are asked with a backend that is never used.
const backend = createTfjsEagerBackend({ device: 'cpu' });

function prune(
  name: string,
  architecture: Architecture,
  density: number,
  weights = initializeWeights(architecture, 0),
  seed = 0,
): Promise<Masks> {
  return pruneNetwork(findCriterion(name), { architecture, weights, backend, context: createContext({ seed }) }, density);
}

test('random: each layer keeps its share but for chance, and another seed keeps others', async () => {
  const architecture = createArchitecture('resnet-20');
  const [masks, others] = [await prune('random', architecture, 0.3), await prune('random', architecture, 0.3, undefined, 1)];
  for (const { id, prunable } of findPrunableLayers(architecture)) {
    const kept = countOnes(masks.get(id) as Uint8Array);
    const deviation = Math.sqrt(0.3 * 0.7 * prunable);
    assert.ok(Math.abs(kept - 0.3 * prunable) < 4.5 * deviation, `${id}: ${kept} of ${prunable}`);
    if (prunable > 1000) {
      const both = masks.get(id)?.reduce((sum, one, index) => sum + one * (others.get(id)?.[index] ?? 0), 0) as number;
      assert.ok(Math.abs(both - 0.09 * prunable) < 4.5 * Math.sqrt(0.09 * 0.91 * prunable), `${id}: ${both} of ${prunable} twice`);
    }
  }
});

test('magnitude: no weight that goes is larger than one that stays, of all layers', async () => {
  const architecture = createArchitecture('resnet-20-w4');
  const weights = initializeWeights(architecture, 0);
  const masks = await prune('magnitude', architecture, 0.2, weights);
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const [id, mask] of masks) {
    weights.get(kernelName(id))?.forEach((weight, index) => {
      if (mask[index] === 1) least = Math.min(least, Math.abs(weight));
      else most = Math.max(most, Math.abs(weight));
    });
  }
  assert.ok(least >= most && most > 0);
});

for (const name of ['vgg-11', 'resnet-20', 'mobilenet-v2-x0.35-cifar', 'shufflenet-v1-g3-x0.5-cifar', 'shufflenet-v2-x0.5-cifar']) {
  test(`phew: every weight that stays in ${name} lies on a path, but for those of the last walk`, async () => {
    const architecture = createArchitecture(name);
    const layers = findPrunableLayers(architecture).length;
    const masks = await prune('phew', architecture, 0.02);
    const effective = findEffectiveMasks(architecture, masks);
    const lost = [...masks].reduce((sum, [id, mask]) => sum + countOnes(mask) - countOnes(effective.get(id) as Uint8Array), 0);
    assert.ok(lost <= layers, `${lost} weights`);
    assert.ok(
      [...masks.values()].every((mask) => countOnes(mask) > 0),
      'a walk passes no layer by for good',
    );
  });
}

test('phew: of two weights the larger is followed as much more often', async () => {
  const architecture = createArchitecture('resnet-20');
  const weights = new Map(initializeWeights(architecture, 0));
  // 9 times as large for every second output channel: a walk back into a channel sees no difference, one forward goes there in 9 of 10 cases.
  const kernel = Float32Array.from({ length: weights.get(kernelName('stage3.block2.conv1'))?.length ?? 0 }, (_, index) =>
    index % 2 === 0 ? 9 : 1,
  );
  weights.set(kernelName('stage3.block2.conv1'), kernel);
  const mask = (await prune('phew', architecture, 0.02, weights)).get('stage3.block2.conv1') as Uint8Array;
  const [large, all] = [mask.filter((_, index) => index % 2 === 0), mask].map(countOnes) as [number, number];
  // Half of the walks come back from the next layer, to any channel alike; the other half come forward.
  assert.ok(all > 200 && Math.abs(large / all - 0.7) < 0.08, `${large} of ${all}`);
});

test('phew: a block with weights is walked through, a projection beside it is as likely', async () => {
  const masks = toLayerDensities(await prune('phew', createArchitecture('resnet-20'), 0.01));
  const counts = new Map(
    findPrunableLayers(createArchitecture('resnet-20')).map(({ id, prunable }) => [id, (masks.get(id) ?? 0) * prunable]),
  );
  const of = (id: string): number => counts.get(id) as number;
  assert.ok(Math.abs(of('stage3.block1.conv1') / of('stage3.block2.conv1') - 0.5) < 0.12); // half of the walks take the projection
  assert.ok(Math.abs(of('stage3.block3.conv2') / of('stage3.block2.conv1') - 1) < 0.12); // none takes an identity
});

test('phew: hears a cancel while it walks', async () => {
  const cancel = new AbortController();
  setTimeout(() => cancel.abort(), 30);
  const architecture = createArchitecture('resnet-20');
  const context = createContext({ signal: cancel.signal });
  try {
    const task = { architecture, weights: initializeWeights(architecture, 0), backend, context };
    await pruneNetwork(findCriterion('phew'), task, 0.999);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, CancelledError);
  }
});

test.run();
