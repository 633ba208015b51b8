import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { findPrunableLayers, type PrunableLayer } from '@precrop/sdk/density/layer-densities';
import { applyMasks, countDensity, countOnes, type Masks, toLayerDensities } from '@precrop/sdk/mask/masks';
import { drawChannelMasks, drawKernelMasks, drawMasks, granularities, realiseMasks, shuffleMasks } from '@precrop/sdk/mask/realise';
import { initializeWeights } from '@precrop/sdk/program/variables';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const networks = ['resnet-20-w4', 'mobilenet-v2-x0.35-cifar', 'shufflenet-v1-g3-x0.5-cifar'].map((name) => createArchitecture(name));
const rng = createRng(3);

function drawAt(layers: readonly PrunableLayer[], density: number): Masks {
  return drawMasks(layers, new Map(layers.map(({ id }) => [id, density])), rng);
}

/** All masks as one text, which is compared faster than arrays are. */
function toBytes(masks: Masks): string {
  return [...masks].map(([id, mask]) => `${id} ${Buffer.from(mask).toString('base64')}`).join();
}

for (const architecture of networks) {
  const layers = findPrunableLayers(architecture);

  test(`${architecture.name}: drawn masks keep exactly round(density · n) of each layer`, () => {
    for (const density of [1, 0.5, 0.1]) {
      for (const { id, prunable } of layers) {
        const mask = drawAt(layers, density).get(id) as Uint8Array;
        assert.is(mask.length, prunable);
        assert.is(countOnes(mask), Math.max(1, Math.round(density * prunable)));
      }
    }
  });

  test(`${architecture.name}: a shuffle keeps the counts of every layer, and moves the weights`, () => {
    const masks = drawAt(layers, 0.3);
    const shuffled = shuffleMasks(masks, rng);
    assert.equal(toLayerDensities(shuffled), toLayerDensities(masks));
    for (const [id, mask] of masks) {
      if (mask.length < 100) continue; // a small one may fall back into place
      const moved = mask.filter((kept, index) => kept !== shuffled.get(id)?.[index]).length;
      const byChance = 2 * 0.3 * 0.7 * mask.length;
      assert.ok(moved > byChance / 2 && moved < 2 * byChance, `${id}: ${moved} of ${mask.length} differ`);
    }
  });

  test(`${architecture.name}: kernel masks keep or drop a whole [kh, kw] of two channels`, () => {
    const masks = drawKernelMasks(layers, new Map(layers.map(({ id }) => [id, 0.25])), rng);
    for (const { id, kernelShape, prunable } of layers) {
      const mask = masks.get(id) as Uint8Array;
      const [inputs = 1, outputs = 1] = kernelShape.slice(-2);
      const pairs = inputs * outputs;
      assert.is(
        mask.findIndex((one, index) => one !== mask[index % pairs]),
        -1,
        id,
      );
      assert.is(mask.length, prunable);
      assert.is(countOnes(mask.subarray(0, pairs)), Math.max(1, Math.round(0.25 * pairs)));
    }
  });

  test(`${architecture.name}: channel masks keep or drop all that an input channel is multiplied with`, () => {
    const masks = drawChannelMasks(layers, new Map(layers.map(({ id }) => [id, 0.5])), rng);
    for (const { id, kernelShape } of layers) {
      const mask = masks.get(id) as Uint8Array;
      const [inputs = 1, outputs = 1] = kernelShape.slice(-2);
      const channelOf = (index: number): number => (inputs === 1 ? index % outputs : Math.floor(index / outputs) % inputs);
      const channels = inputs === 1 ? outputs : inputs;
      const kept = new Set([...mask.keys()].filter((index) => mask[index] === 1).map(channelOf));
      assert.is(
        mask.findIndex((one, index) => (one === 1) !== kept.has(channelOf(index))),
        -1,
        id,
      );
      assert.is(kept.size, Math.max(1, Math.round(0.5 * channels)));
    }
  });

  test(`${architecture.name}: whatever the granularity, density 1 keeps all and density 0 nothing`, () => {
    const none = new Map(layers.map(({ id, prunable }) => [id, new Uint8Array(prunable)]));
    const all = new Map(layers.map(({ id, prunable }) => [id, new Uint8Array(prunable).fill(1)]));
    for (const granularity of granularities) {
      assert.is(countDensity(realiseMasks(all, granularity, layers, rng)), 1, granularity);
      assert.is(countDensity(realiseMasks(none, granularity, layers, rng)), 0, granularity);
    }
  });

  test(`${architecture.name}: the same seed gives the same masks, another one others`, () => {
    const masks = drawAt(layers, 0.3);
    for (const granularity of granularities.filter((each) => each !== 'unstructured')) {
      const realise = (seed: number): Masks => realiseMasks(masks, granularity, layers, createRng(seed));
      assert.is(toBytes(realise(1)), toBytes(realise(1)));
      assert.is.not(toBytes(realise(1)), toBytes(realise(2)));
    }
    assert.is(realiseMasks(masks, 'unstructured', layers, rng), masks);
  });
}

test('masks put zeros where they have them, and leave all else as it is', () => {
  const [architecture] = networks as [ReturnType<typeof createArchitecture>];
  const weights = initializeWeights(architecture, 1);
  const masks = drawAt(findPrunableLayers(architecture), 0.2);
  const masked = applyMasks(weights, masks);
  assert.equal([...masked.keys()], [...weights.keys()]);
  for (const [name, values] of masked) {
    const mask = masks.get(name.replace(/\/kernel$/, ''));
    const expected = weights.get(name)?.map((value, index) => (mask?.[index] === 0 ? 0 : value));
    assert.equal(values, expected, name);
  }
  assert.is.not(masked.get('stem.conv/kernel'), weights.get('stem.conv/kernel'));
});

test.run();
