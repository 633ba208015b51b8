import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { UsageError } from '@precrop/sdk/core/errors';
import { countKept, findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import { densityMethods, findDensities } from '@precrop/sdk/density/registry';
import { sizeOf } from '@precrop/sdk/ir/node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

const names = ['resnet-20', 'vgg-16', 'mobilenet-v2-x1.0-cifar', 'shufflenet-v2-x1.0', 'resnet-50'];
const architectures = names.map((name) => createArchitecture(name));
const [resnet = architectures[0]] = architectures;
if (!resnet) throw new Error('unreachable');
const layers = findPrunableLayers(resnet);

test('a layer’s weights are the product of its kernel’s extents', () => {
  for (const architecture of architectures) {
    for (const { id, prunable, kernelShape } of findPrunableLayers(architecture)) assert.is(sizeOf(kernelShape), prunable, id);
  }
  const shapes = new Map(findPrunableLayers(createArchitecture('mobilenet-v2-x1.0-cifar')).map(({ id, kernelShape }) => [id, kernelShape]));
  assert.equal(shapes.get('stem.conv'), [3, 3, 3, 32]);
  assert.equal(shapes.get('head.fc'), [1280, 10]);
  assert.ok([...shapes.values()].some((shape) => shape.join() === '3,3,1,32'));
});

for (const method of densityMethods) {
  test(`${method.name}: uses a budget up and keeps every density above 0 and at most 1`, () => {
    for (const architecture of architectures) {
      const all = findPrunableLayers(architecture);
      for (const fraction of [0.02, 0.25, 0.9]) {
        for (const key of ['params', 'macs'] as const) {
          const densities = findDensities(architecture, method.name, { [key]: fraction });
          assert.is(densities.size, all.length);
          for (const density of densities.values()) assert.ok(density > 0 && density <= 1);
          near(countKept(all, densities)[key], fraction, 1e-9);
        }
      }
    }
  });

  test(`${method.name}: with both budgets both hold and the tighter one is used up`, () => {
    const kept = countKept(layers, findDensities(resnet, method.name, { params: 0.1, macs: 0.3 }));
    assert.ok(kept.params <= 0.1 + 1e-9 && kept.macs <= 0.3 + 1e-9);
    near(Math.max(kept.params / 0.1, kept.macs / 0.3), 1, 1e-9);
  });

  test(`${method.name}: densities grow with the budget`, () => {
    let before = findDensities(resnet, method.name, { params: 0.01 });
    for (const params of [0.1, 0.3, 0.6, 1]) {
      const densities = findDensities(resnet, method.name, { params });
      for (const [id, density] of densities) assert.ok(density >= (before.get(id) ?? 0) - 1e-12, id);
      before = densities;
    }
  });
}

test('er and erk: layers below 1 are in the ratio of their sums over products of extents', () => {
  for (const [name, extentsOf] of [
    ['er', (shape: readonly number[]) => shape.slice(-2)],
    ['erk', (shape: readonly number[]) => shape],
  ] as const) {
    const densities = findDensities(resnet, name, { params: 0.2 });
    const eps = layers
      .filter(({ id }) => (densities.get(id) ?? 1) < 1)
      .map(({ id, kernelShape }) => {
        const extents = extentsOf(kernelShape);
        return ((densities.get(id) ?? 0) * sizeOf(extents)) / extents.reduce((sum, extent) => sum + extent, 0);
      });
    assert.ok(eps.length > 10 && eps.length < layers.length, `${eps.length} layers below 1`);
    for (const value of eps) near(value / (eps[0] ?? 0), 1, 1e-9);
  }
});

test('igq: 1 / p - 1 is in proportion to the layer’s weights', () => {
  const densities = findDensities(resnet, 'igq', { params: 0.1 });
  const factors = layers.map(({ id, prunable }) => (1 / (densities.get(id) ?? 0) - 1) / prunable);
  for (const factor of factors) near(factor / (factors[0] ?? 0), 1, 1e-9);
});

test('ResNet-20: MACs that remain at a fraction of the weights', () => {
  const fractions = [0.4, 0.2, 0.1, 0.05, 0.02];
  const expected: readonly [string, readonly number[], number][] = [
    ['uniform', fractions, 1e-9],
    // Masks of an independent implementation (github.com/eliacunegatti/mge-snn) have whole counts: 1e-3.
    ['erk', [0.653, 0.359, 0.178, 0.086, 0.035], 1.1e-3],
  ];
  for (const [name, macs, tolerance] of expected) {
    for (const [index, params] of fractions.entries())
      near(countKept(layers, findDensities(resnet, name, { params })).macs, macs[index] ?? 0, tolerance);
  }
});

test('a budget of 0, of 2 or none, an unknown method and a useless upper bound each end in a sentence', () => {
  const fails = (run: () => unknown, part: RegExp): void => {
    assert.throws(run, (error: unknown) => error instanceof UsageError && part.test(error.message));
  };
  fails(() => findDensities(resnet, 'synexp', { params: 0 }), /params budget is 0, but must be above 0/);
  fails(() => findDensities(resnet, 'synexp', { macs: 2 }), /MACs budget is 2, but .* at most 1 /);
  fails(() => findDensities(resnet, 'synexp', { macs: Number.NaN }), /MACs budget is NaN/);
  fails(() => findDensities(resnet, 'synexp', {}), /no budget/);
  fails(() => findDensities(resnet, 'snap', { params: 0.5 }), /no density method "snap".*synexp, uniform, er, erk, igq/);
  fails(() => findDensities(resnet, 'erk', { params: 0.5 }, 2), /"erk" cannot let a layer grow.*synexp/);
  fails(() => findDensities(resnet, 'synexp', { params: 0.5 }, 0.5), /upper bound of a density is 0.5/);
});

test.run();
