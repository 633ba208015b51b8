import { createArchitecture } from '@precrop/sdk/architectures/registry';
import {
  countKept,
  findPrunableLayers,
  type LayerDensities,
  type PrunableLayer,
  sumLogDensity,
} from '@precrop/sdk/density/layer-densities';
import { findDensities } from '@precrop/sdk/density/registry';
import { synexp } from '@precrop/sdk/density/synexp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

const resnet = createArchitecture('resnet-20');
const layers = findPrunableLayers(resnet);
const names = ['resnet-20', 'vgg-16', 'mobilenet-v2-x1.0-cifar', 'shufflenet-v2-x1.0', 'resnet-50'];

function unsaturated(all: readonly PrunableLayer[], densities: LayerDensities, bound = 1): readonly PrunableLayer[] {
  return all.filter(({ id }) => (densities.get(id) ?? 0) < bound * (1 - 1e-9));
}

for (const name of names) {
  const all = findPrunableLayers(createArchitecture(name));
  for (const fraction of [0.03, 0.2, 0.7]) {
    test(`${name}: at ${fraction} every layer below the bound keeps the same number of weights, and the budget is used up`, () => {
      const densities = synexp.findDensities(all, { params: fraction }, 1);
      near(countKept(all, densities).params, fraction, 1e-9);
      const [first, ...rest] = unsaturated(all, densities).map(({ id, prunable }) => (densities.get(id) ?? 0) * prunable);
      for (const kept of rest) near(kept / (first ?? 0), 1, 1e-9);
    });

    test(`${name}: at ${fraction} of the MACs every layer below the bound keeps the same MACs`, () => {
      const densities = synexp.findDensities(all, { macs: fraction }, 1);
      near(countKept(all, densities).macs, fraction, 1e-9);
      const [first, ...rest] = unsaturated(all, densities).map(({ id, macs }) => (densities.get(id) ?? 0) * macs);
      for (const kept of rest) near(kept / (first ?? 0), 1, 1e-9);
    });
  }
}

test('both budgets: both hold, and layers below the bound have one mixed price', () => {
  for (const [params, macs] of [
    [0.2, 0.3],
    [0.1, 0.25],
    [0.5, 0.55],
  ] as const) {
    const densities = synexp.findDensities(layers, { params, macs }, 1);
    near(countKept(layers, densities).params, params, 1e-9);
    near(countKept(layers, densities).macs, macs, 1e-9);
    // 1 / p = mu · alpha + nu · beta: two layers of different shape fix mu and nu, the others must agree.
    const free = unsaturated(layers, densities);
    const [a, b] = [free[0], free.at(-1)] as [PrunableLayer, PrunableLayer];
    const inverse = ({ id }: PrunableLayer): number => 1 / (densities.get(id) ?? 0);
    const determinant = a.prunable * b.macs - a.macs * b.prunable;
    const mu = (inverse(a) * b.macs - inverse(b) * a.macs) / determinant;
    const nu = (inverse(b) * a.prunable - inverse(a) * b.prunable) / determinant;
    assert.ok(mu > 0 && nu > 0, `prices ${mu} and ${nu}`);
    for (const layer of free) near((mu * layer.prunable + nu * layer.macs) / inverse(layer), 1, 1e-6);
  }
});

test('a budget that is slack changes nothing', () => {
  const alone = synexp.findDensities(layers, { macs: 0.2 }, 1);
  for (const [id, density] of synexp.findDensities(layers, { macs: 0.2, params: 0.9 }, 1)) near(density, alone.get(id) ?? 0, 1e-12);
});

test('no other densities within the budget have a larger objective', () => {
  const best = synexp.findDensities(layers, { params: 0.2 }, 1);
  for (const giver of layers) {
    for (const taker of layers) {
      const moved = Math.min(0.01 * giver.prunable * (best.get(giver.id) ?? 0), taker.prunable * (1 - (best.get(taker.id) ?? 0)));
      const other = new Map(best);
      other.set(giver.id, (other.get(giver.id) ?? 0) - moved / giver.prunable);
      other.set(taker.id, (other.get(taker.id) ?? 0) + moved / taker.prunable);
      assert.ok(sumLogDensity(other) <= sumLogDensity(best) + 1e-12, `${giver.id} to ${taker.id}`);
    }
  }
});

test('densities grow with the budget, and are 1 at a budget of 1', () => {
  let before: LayerDensities = new Map(layers.map(({ id }) => [id, 0]));
  for (const params of [0.01, 0.05, 0.2, 0.5, 0.9, 1]) {
    const densities = synexp.findDensities(layers, { params }, 1);
    for (const [id, density] of densities) assert.ok(density >= (before.get(id) ?? 0) - 1e-12, id);
    before = densities;
  }
  for (const density of before.values()) near(density, 1, 1e-9);
});

test('densities do not depend on the unit of size', () => {
  const scaled = layers.map((layer) => ({ ...layer, prunable: layer.prunable * 1000, macs: layer.macs / 7 }));
  const densities = synexp.findDensities(layers, { params: 0.2, macs: 0.3 }, 1);
  for (const [id, density] of synexp.findDensities(scaled, { params: 0.2, macs: 0.3 }, 1)) near(density, densities.get(id) ?? 0, 1e-9);
});

test('an upper bound above 1 lets cheap layers grow at an equal budget, and none passes it', () => {
  const densities = synexp.findDensities(layers, { params: 1 }, 3);
  near(countKept(layers, densities).params, 1, 1e-9);
  assert.ok(sumLogDensity(densities) > 0);
  near(densities.get('stem.conv') ?? 0, 3, 1e-12);
  for (const density of densities.values()) assert.ok(density <= 3);
});

// Water-filling by hand on ResNet-20 with projections: 270,896 weights, 40,813,184 MACs.
const weights: readonly [number, number, Readonly<Record<string, number>>][] = [
  [
    0.1,
    1342.4,
    {
      'stem.conv': 1,
      'stage1.block1.conv1': 0.583,
      'stage2.block1.conv1': 0.291,
      'stage2.block1.conv2': 0.146,
      'stage2.block1.shortcut.conv': 1,
      'stage3.block1.conv1': 0.073,
      'stage3.block3.conv2': 0.036,
      'stage3.block1.shortcut.conv': 0.655,
      'head.fc': 1,
    },
  ],
  [
    0.2,
    3060.27,
    {
      'stem.conv': 1,
      'stage1.block3.conv2': 1,
      'stage2.block1.conv1': 0.664,
      'stage2.block2.conv2': 0.332,
      'stage3.block1.conv1': 0.166,
      'stage3.block2.conv1': 0.083,
      'head.fc': 1,
    },
  ],
  [
    0.02,
    246.269,
    {
      'stem.conv': 0.57,
      'stage1.block1.conv2': 0.107,
      'stage2.block1.conv1': 0.053,
      'stage2.block3.conv1': 0.027,
      'stage3.block1.conv1': 0.013,
      'stage3.block1.conv2': 0.007,
      'stage2.block1.shortcut.conv': 0.481,
      'stage3.block1.shortcut.conv': 0.12,
      'head.fc': 0.385,
    },
  ],
];
for (const [params, lambda, expected] of weights) {
  test(`ResNet-20 at ${params} of the weights: ${lambda} weights a layer`, () => {
    const densities = findDensities(resnet, 'synexp', { params });
    for (const [id, density] of Object.entries(expected)) near(densities.get(id) ?? 0, density, 5.1e-4);
    for (const { id, prunable } of unsaturated(layers, densities)) near((densities.get(id) ?? 0) * prunable, lambda, 0.05);
  });
}

test('ResNet-20: Σ log p at 10 % is -33.7', () => {
  near(sumLogDensity(findDensities(resnet, 'synexp', { params: 0.1 })), -33.7, 0.05);
});

test('ResNet-20: a params budget keeps far more of the MACs, a MACs budget about as many params', () => {
  const kept = (budget: { params?: number; macs?: number }): { params: number; macs: number } =>
    countKept(layers, findDensities(resnet, 'synexp', budget));
  for (const [params, macs] of [
    [0.4, 0.713],
    [0.2, 0.508],
    [0.1, 0.281],
    [0.05, 0.14],
    [0.02, 0.057],
  ] as const)
    near(kept({ params }).macs, macs, 6e-4);
  for (const [macs, params] of [
    [0.4, 0.408],
    [0.2, 0.202],
    [0.1, 0.104],
    [0.05, 0.054],
    [0.02, 0.023],
  ] as const)
    near(kept({ macs }).params, params, 6e-4);
});

test.run();
