import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { realisedDensities, toCropModel } from '@precrop/sdk/crop/crop-layers';
import { toWidthRatios } from '@precrop/sdk/crop/width-ratios';
import type { FractionBudget } from '@precrop/sdk/density/budget';
import { countKept, type LayerDensities } from '@precrop/sdk/density/layer-densities';
import { densityMethods, findDensities } from '@precrop/sdk/density/registry';
import { countNodes } from '@precrop/sdk/ir/count';
import { readWidths, withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

const names = [
  'resnet-20',
  'vgg-16',
  'mobilenet-v1-x1.0',
  'mobilenet-v2-x1.0-cifar',
  'shufflenet-v1-g3',
  'shufflenet-v2-x1.0',
  'resnet-50',
];
const budgets: readonly FractionBudget[] = [{ params: 0.25 }, { macs: 0.25 }, { params: 0.3, macs: 0.4 }];

for (const name of names) {
  const architecture = createArchitecture(name);
  const model = toCropModel(architecture);

  test(`${name}: layer densities from ratios agree with exact counts of the built architecture`, () => {
    const halves = new Map([...readWidths(architecture)].map(([group, width]) => [group, width / 2]));
    const doubled = new Map([...readWidths(architecture)].map(([group, width], index) => [group, width * (index % 2 === 0 ? 2 : 4)]));
    for (const widths of [...(name.startsWith('shuffle') ? [] : [halves]), doubled]) {
      const ratios = new Map(model.groups.map((group) => [group.name, (widths.get(group.name) ?? 0) / group.width]));
      const densities = realisedDensities(model.layers, ratios);
      const before = new Map(countNodes(architecture).map((count) => [count.node.id, count]));
      for (const { node, prunable, macs } of countNodes(withWidths(architecture, widths))) {
        if (prunable === 0) continue;
        near((densities.get(node.id) ?? 0) / (prunable / (before.get(node.id)?.prunable ?? 0)), 1, 1e-12);
        near((densities.get(node.id) ?? 0) / (macs / (before.get(node.id)?.macs ?? 0)), 1, 1e-12);
      }
    }
  });

  for (const { name: method } of densityMethods) {
    test(`${name}, ${method}: ratios use the budget up, are above 0 and at most 1`, () => {
      for (const budget of budgets) {
        const ratios = toWidthRatios(model, findDensities(architecture, method, budget), budget);
        for (const [group, ratio] of ratios) assert.ok(ratio > 0 && ratio <= 1, `${group} ${ratio}`);
        const kept = countKept(model.layers, realisedDensities(model.layers, ratios));
        near(Math.max(kept.params / (budget.params ?? 9), kept.macs / (budget.macs ?? 9)), 1, 1e-9);
      }
    });
  }

  test(`${name}: dense layers stay whole`, () => {
    const dense: LayerDensities = new Map(model.layers.map(({ id }) => [id, 1]));
    for (const ratio of toWidthRatios(model, dense, { params: 1 }).values()) near(ratio, 1, 1e-9);
  });
}

test('uniform densities are the uniform multiplier where both sides of every layer can change', () => {
  const model = toCropModel(createArchitecture('vgg-16'));
  const ratios = [...toWidthRatios(model, new Map(model.layers.map(({ id }) => [id, 0.25])), { macs: 0.25 })].map(([, ratio]) => ratio);
  // All but the ones next to the image and the classes are equal, and close to √0.25.
  for (const ratio of ratios.slice(2, -1)) near(ratio / (ratios[2] ?? 0), 1, 1e-9);
  near(ratios[2] ?? 0, 0.5, 0.005);
});

test('a layer that shall be thinner makes its own groups narrower, and only those before the common factor', () => {
  const model = toCropModel(createArchitecture('vgg-16'));
  const dense = new Map(model.layers.map(({ id }) => [id, 0.5]));
  const layer = model.layers[6]?.id ?? '';
  const before = toWidthRatios(model, dense, { params: 0.5 });
  const after = toWidthRatios(model, new Map(dense).set(layer, 0.1), { params: 0.5 });
  const change = new Map(model.groups.map(({ name }) => [name, (after.get(name) ?? 0) / (before.get(name) ?? 1)]));
  const touched = new Set(model.layers[6]?.sides.flatMap(({ shares }) => [...shares.keys()]));
  assert.is(touched.size, 2);
  for (const [name, factor] of change) assert.is(factor < 0.95, touched.has(name), `${name} ${factor}`);
});

test('ResNet-20 at 25 % of the MACs: streams and inner widths together, near one ratio a stage', () => {
  const architecture = createArchitecture('resnet-20');
  const model = toCropModel(architecture);
  const ratios = toWidthRatios(model, findDensities(architecture, 'synexp', { macs: 0.25 }), { macs: 0.25 });
  for (const [name, ratio] of ratios) {
    const together = [7.7, 16.5, 31.6][Number(name[5]) - 1] ?? 0;
    near((ratio * 16 * 2 ** (Number(name[5]) - 1)) / together, 1, 0.12);
  }
});

test('ratios grow with the budget on ResNet-20, VGG-16 and MobileNetV2', () => {
  for (const name of ['resnet-20', 'vgg-16', 'mobilenet-v2-x1.0-cifar']) {
    const architecture = createArchitecture(name);
    const model = toCropModel(architecture);
    let before = new Map<string, number>();
    for (const macs of [0.05, 0.15, 0.3, 0.5, 0.8, 1]) {
      const ratios = new Map(toWidthRatios(model, findDensities(architecture, 'synexp', { macs }), { macs }));
      for (const [group, ratio] of before) assert.ok((ratios.get(group) ?? 0) >= ratio - 1e-9, `${name} ${group}`);
      before = ratios;
    }
  }
});

test('an upper bound above 1: groups grow by at most its square root, so no layer passes it', () => {
  const architecture = createArchitecture('mobilenet-v2-x1.0-cifar');
  const model = toCropModel(architecture);
  const ratios = toWidthRatios(model, findDensities(architecture, 'synexp', { params: 1 }, 4), { params: 1 }, 4);
  near(Math.max(...ratios.values()), 2, 1e-9);
  for (const [id, density] of realisedDensities(model.layers, ratios)) assert.ok(density <= 4 + 1e-9, `${id} ${density}`);
});

test.run();
