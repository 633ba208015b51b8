import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { BudgetError, UsageError } from '@precrop/sdk/core/errors';
import { cropArchitecture } from '@precrop/sdk/crop/apply';
import { toCropModel } from '@precrop/sdk/crop/crop-layers';
import { preconfigArchitecture } from '@precrop/sdk/crop/preconfig';
import { roundWidths } from '@precrop/sdk/crop/round-widths';
import { toWidthRatios } from '@precrop/sdk/crop/width-ratios';
import type { FractionBudget } from '@precrop/sdk/density/budget';
import { densityMethods, findDensities } from '@precrop/sdk/density/registry';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { validateArchitecture } from '@precrop/sdk/ir/validate';
import { findWidthGroups } from '@precrop/sdk/ir/width-groups';
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
const budgets: readonly FractionBudget[] = [{ params: 0.2 }, { macs: 0.25 }, { macs: 0.5 }, { params: 0.3, macs: 0.3 }, { macs: 1 }];

for (const name of names) {
  const architecture = createArchitecture(name);
  const original = countArchitecture(architecture);
  const { groups } = findWidthGroups(architecture);

  for (const { name: method } of densityMethods) {
    test(`${name}, ${method}: exact counts hold the budget; widths are multiples, none below one, none above the original`, () => {
      for (const budget of budgets) {
        const crop = cropArchitecture(architecture, { density: method, budget });
        validateArchitecture(crop.architecture);
        const { params, macs } = countArchitecture(crop.architecture);
        assert.is(crop.params, params);
        assert.is(crop.macs, macs);
        assert.ok(params <= (budget.params ?? 1) * original.params, `${params} params`);
        assert.ok(macs <= (budget.macs ?? 1) * original.macs, `${macs} MACs`);
        near(crop.paramsRatio, params / original.params, 1e-12);
        near(crop.macsRatio, macs / original.macs, 1e-12);
        assert.equal(readWidths(crop.architecture), crop.widths);
        for (const group of groups) {
          const width = crop.widths.get(group.name) ?? 0;
          assert.ok(width % 8 === 0 && width % group.multipleOf === 0 && width >= 8 && width <= group.width, `${group.name} ${width}`);
        }
      }
    });
  }

  test(`${name}: no width passes the multiple above what was asked, and raising any that is below it breaks the budget`, () => {
    const budget = { macs: 0.5 };
    const ratios = toWidthRatios(toCropModel(architecture), findDensities(architecture, 'synexp', budget), budget);
    const widths = roundWidths(architecture, ratios, budget);
    for (const { name: group, width: full, multipleOf } of groups) {
      const asked = (ratios.get(group) ?? 1) * full;
      const width = widths.get(group) ?? 0;
      const step = multipleOf === 3 ? 24 : 8;
      assert.ok(width - asked < step, `${group} ${width}, asked ${asked}`);
      if (width >= asked || width + step > full) continue;
      const raised = countArchitecture(withWidths(architecture, new Map(widths).set(group, width + step)));
      assert.ok(raised.macs > 0.5 * original.macs, `${group} could be ${width + step}`);
    }
  });
}

test('a budget of 1 gives the original where its widths are multiples already', () => {
  for (const name of ['resnet-20', 'vgg-16', 'mobilenet-v2-x1.0-cifar', 'resnet-50']) {
    const architecture = createArchitecture(name);
    const crop = cropArchitecture(architecture, { density: 'synexp', budget: { macs: 1 } });
    assert.equal(crop.widths, readWidths(architecture));
    near(crop.objective, 0, 1e-12);
  }
});

test('a larger budget gives no smaller a network on ResNet-20 and VGG-16', () => {
  for (const name of ['resnet-20', 'vgg-16']) {
    const architecture = createArchitecture(name);
    let before = { macs: 0, objective: Number.NEGATIVE_INFINITY };
    for (const macs of [0.13, 0.2, 0.3, 0.45, 0.6, 0.8, 1]) {
      const crop = cropArchitecture(architecture, { density: 'synexp', budget: { macs } });
      assert.ok(crop.macs >= before.macs && crop.objective >= before.objective, `${name} at ${macs}`);
      before = crop;
    }
  }
});

test('ResNet-20 at 25 % of the MACs', () => {
  const { widths } = cropArchitecture(createArchitecture('resnet-20'), { density: 'synexp', budget: { macs: 0.25 } });
  assert.equal([widths.get('stage1'), widths.get('stage2'), widths.get('stage3')], [8, 16, 32]);
  // Inner widths are not starved: at least half of their stream.
  for (const [group, width] of widths) assert.ok(width >= (widths.get(group.split('.')[0] ?? '') ?? 0) / 2, group);
});

test('an impossible budget says what is possible, and that is possible', () => {
  const architecture = createArchitecture('resnet-20');
  try {
    cropArchitecture(architecture, { density: 'synexp', budget: { macs: 0.02 } });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, BudgetError);
    const { message } = error as BudgetError;
    assert.match(
      message,
      /^A budget of 2\.0 % of the MACs cannot be met: the narrowest resnet-20 at multiples of 8 needs \d+\.\d % of the MACs\./,
    );
    const reachable = Number(/needs (\d+\.\d) %/.exec(message)?.[1]) / 100;
    const crop = cropArchitecture(architecture, { density: 'synexp', budget: { macs: reachable } });
    assert.ok([...crop.widths.values()].every((width) => width === 8));
    assert.throws(() => cropArchitecture(architecture, { density: 'synexp', budget: { macs: reachable - 0.001 } }), /cannot be met/);
  }
  assert.throws(
    () => cropArchitecture(architecture, { density: 'erk', budget: { macs: 0.02, params: 0.01 } }),
    /1\.0 % of the params and 2\.0 % of the MACs/,
  );
});

test('a finer multiple reaches smaller budgets', () => {
  const crop = cropArchitecture(createArchitecture('resnet-20'), { density: 'synexp', budget: { macs: 0.02 }, align: 1 });
  assert.ok(crop.macsRatio <= 0.02 && crop.macsRatio > 0.017, String(crop.macsRatio));
});

test('given densities are cropped to, with what they keep as the budget', () => {
  const architecture = createArchitecture('vgg-16');
  const densities = findDensities(architecture, 'igq', { params: 0.3 });
  const crop = cropArchitecture(architecture, { density: densities });
  assert.is(crop.densities, densities);
  assert.ok(crop.paramsRatio <= 0.3 && crop.paramsRatio > 0.28, String(crop.paramsRatio));
});

test('PreConfig holds the original’s counts, narrows some groups and widens others within the bound', () => {
  for (const name of ['vgg-16', 'mobilenet-v2-x1.0-cifar', 'resnet-50']) {
    const architecture = createArchitecture(name);
    const crop = preconfigArchitecture(architecture);
    assert.ok(crop.paramsRatio <= 1 && crop.macsRatio <= 1 && crop.objective > 0, `${name} ${crop.objective}`);
    const ratios = [...readWidths(architecture)].map(([group, width]) => (crop.widths.get(group) ?? 0) / width);
    assert.ok(Math.min(...ratios) < 1 && Math.max(...ratios) > 1 && Math.max(...ratios) <= 2, name);
    for (const [id, density] of crop.realisedDensities) assert.ok(density <= 4 + 1e-9, id);
  }
});

test('a density or budget of 0 or 2, an unknown layer, a bad multiple: each a sentence', () => {
  const architecture = createArchitecture('resnet-20');
  const fails = (options: Parameters<typeof cropArchitecture>[1], part: RegExp): void => {
    assert.throws(
      () => cropArchitecture(architecture, options),
      (error: unknown) => error instanceof UsageError && part.test(error.message),
    );
  };
  fails({ density: 'synexp', budget: { macs: 0 } }, /MACs budget is 0, but must be above 0 and at most 1/);
  fails({ density: 'synexp', budget: { params: 2 } }, /params budget is 2/);
  fails({ density: 'synexp' }, /no budget/);
  fails(
    { density: new Map([['head.fc', 0]]), budget: { macs: 0.5 } },
    /density of layer "head.fc" is 0, but must be above 0 and at most 1/,
  );
  fails({ density: new Map([['head.fc', 2]]), budget: { macs: 0.5 } }, /density of layer "head.fc" is 2/);
  fails({ density: new Map([['stage9', 0.5]]), budget: { macs: 0.5 } }, /no prunable layer "stage9"/);
  fails({ density: 'synexp', budget: { macs: 0.5 }, align: 0 }, /aligned to 0/);
  fails({ density: 'uniform', budget: { macs: 0.5 }, upperBound: 2 }, /"uniform" cannot let a layer grow/);
});

test.run();
