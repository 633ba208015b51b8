import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { type CropModel, realisedDensities, toCropModel, type WidthRatios } from '@precrop/sdk/crop/crop-layers';
import { solveGeometricProgramme } from '@precrop/sdk/crop/geometric-programme';
import type { FractionBudget } from '@precrop/sdk/density/budget';
import { countKept, type KeptFractions, sumLogDensity } from '@precrop/sdk/density/layer-densities';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

const model = toCropModel(createArchitecture('resnet-20'));
const stageOf = (group: string): string => group.split('.')[0] ?? group;

function widthOf(of: CropModel, ratios: WidthRatios, name: string): number {
  return (ratios.get(name) ?? 0) * (of.groups.find((group) => group.name === name)?.width ?? 0);
}

function describe(of: CropModel, ratios: WidthRatios): KeptFractions & { readonly objective: number } {
  const densities = realisedDensities(of.layers, ratios);
  return { ...countKept(of.layers, densities), objective: sumLogDensity(densities) };
}

// ResNet-20 with projections, 270,896 weights; inner widths of each stage's first block, then of the other two.
const free: readonly { budget: FractionBudget; inner: readonly (readonly [number, number])[]; macs: number; objective: number }[] = [
  {
    budget: { params: 0.5 },
    inner: [
      [16, 16],
      [32, 32],
      [26.0, 19.5],
    ],
    macs: 0.788,
    objective: -6.6,
  },
  {
    budget: { params: 0.25 },
    inner: [
      [16, 16],
      [19.4, 14.5],
      [9.7, 7.3],
    ],
    macs: 0.561,
    objective: -16.6,
  },
  {
    budget: { params: 0.5, macs: 0.5 },
    inner: [
      [7.6, 7.6],
      [20.0, 15.0],
      [38.3, 28.7],
    ],
    macs: 0.5,
    objective: -12.7,
  },
];
for (const { budget, inner, macs, objective } of free) {
  test(`free groups at ${JSON.stringify(budget)}: streams stay whole, inner widths starve`, () => {
    const ratios = solveGeometricProgramme(model, budget);
    for (const [index, [first, other]] of inner.entries()) {
      const stage = `stage${index + 1}`;
      near(widthOf(model, ratios, stage), 16 * 2 ** index, 1e-6);
      near(widthOf(model, ratios, `${stage}.block1.conv1`), first, 0.051);
      for (const block of [2, 3]) near(widthOf(model, ratios, `${stage}.block${block}.conv1`), other, 0.051);
    }
    const result = describe(model, ratios);
    near(result.params, budget.params ?? 0, 1e-6);
    near(result.macs, macs, 6e-4);
    near(result.objective, objective, 0.05);
  });
}

test('one ratio a stage: near the uniform multiplier under a MACs budget, far from it under a params budget', () => {
  const cases: readonly [FractionBudget, readonly [number, number, number], number][] = [
    [{ macs: 0.5 }, [11.2, 22.9, 44.8], 0.5],
    [{ macs: 0.25 }, [7.7, 16.5, 31.6], 0.25],
    [{ macs: 0.1 }, [4.8, 10.1, 20.7], 0.1],
    [{ params: 0.25 }, [16, 22.4, 22.2], 0.564],
  ];
  for (const [budget, widths, macs] of cases) {
    const ratios = solveGeometricProgramme(model, budget, { tie: stageOf });
    for (const [index, width] of widths.entries()) near(widthOf(model, ratios, `stage${index + 1}`) / width, 1, 0.025);
    near(ratios.get('stage3.block2.conv1') ?? 0, ratios.get('stage3') ?? 1, 1e-12);
    near(describe(model, ratios).macs, macs, 5e-4);
  }
});

for (const name of ['resnet-20', 'vgg-16', 'mobilenet-v2-x1.0-cifar', 'resnet-50']) {
  test(`${name}: the budget is used up, no ratio passes 1, and no feasible neighbour is better`, () => {
    const each = toCropModel(createArchitecture(name));
    const tie = (group: string): string => (name === 'resnet-20' ? group : stageOf(group));
    const budget = { macs: 0.3 };
    const best = solveGeometricProgramme(each, budget, { tie });
    near(describe(each, best).macs, 0.3, 1e-8);
    for (const ratio of best.values()) assert.ok(ratio > 0 && ratio <= 1);
    const keys = [...new Set(each.groups.map((group) => tie(group.name)))];
    for (const key of keys) {
      for (const factor of [0.98, 1.02]) {
        const moved = new Map([...best].map(([group, ratio]) => [group, tie(group) === key ? Math.min(1, ratio * factor) : ratio]));
        // Back to the budget by one factor on all that are below the bound.
        const { macs } = describe(each, moved);
        let [low, high] = [0.5, 1.5];
        for (let i = 0; i < 60 && Math.abs(macs - 0.3) > 1e-12; i++) {
          const middle = (low + high) / 2;
          const scaled = new Map([...moved].map(([group, ratio]) => [group, Math.min(1, ratio * middle)]));
          if (describe(each, scaled).macs <= 0.3) low = middle;
          else high = middle;
        }
        const scaled = new Map([...moved].map(([group, ratio]) => [group, Math.min(1, ratio * (Math.abs(macs - 0.3) > 1e-12 ? low : 1))]));
        assert.ok(describe(each, scaled).objective <= describe(each, best).objective + 1e-7, `${key} by ${factor}`);
      }
    }
  });
}

test('an upper bound above 1 lets groups widen at an equal budget', () => {
  const ratios = solveGeometricProgramme(model, { params: 1, macs: 1 }, { upperBound: 2, tie: stageOf });
  assert.ok([...ratios.values()].some((ratio) => ratio > 1.001));
  const result = describe(model, ratios);
  assert.ok(result.params <= 1 + 1e-9 && result.macs <= 1 + 1e-9 && result.objective > 0);
});

test.run();
