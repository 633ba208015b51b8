import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { type Kernel, toKernels } from '@precrop/sdk/cost/kernels';
import { fitTimeModel, type Timing } from '@precrop/sdk/cost/time-model';
import { withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';
import { createSyntheticCosts } from '../../support/synthetic-costs.js';
import { drawWidths } from '../../support/synthetic-profile.js';

const rates = { gigaMacsPerS: 67, gigabytesPerS: 67, callMs: 2 ** -8 };
const costs = createSyntheticCosts();
const timings: readonly Timing[] = Array.from({ length: 24 }, (_, index) => {
  const architecture = createArchitecture(index % 2 === 0 ? 'resnet-20' : 'vgg-11');
  const network = withWidths(architecture, drawWidths(architecture, createRng(4).fork(index)));
  const ms = costs.estimateMs(network, 8).value * (1 + 0.01 * createRng(5).fork(index).normal());
  return { kernels: toKernels(network, 'inference'), batch: 8, network: network.name, ms, relativeError: 0.01 };
});

test('leaving one out gives what fitting without it predicts', () => {
  const { leftOut } = fitTimeModel(timings, rates);
  for (const index of [0, 7, 23]) {
    const left = timings[index] as Timing;
    const others = fitTimeModel(
      timings.filter((_, other) => other !== index),
      rates,
    );
    // Without the factor of kin, which the left-out timing's own size enters.
    const { ms } = others.estimate(left.kernels, left.batch, left.network);
    near(leftOut[index]?.relative ?? 0, 1 - ms / left.ms, 0.01);
  }
});

test('a network of two parts takes what the parts take', () => {
  const model = fitTimeModel(timings, rates);
  const [first, second] = [timings[0]?.kernels ?? [], timings[1]?.kernels ?? []];
  const sum = (kernels: readonly Kernel[]): number => kernels.reduce((total, kernel) => total + model.kernelMs(kernel, 8), 0);
  near(model.estimate([...first, ...second], 8, 'another').ms, sum(first) + sum(second), 1e-9);
});

test('deviations fall with what is known', () => {
  const few = fitTimeModel(timings.slice(0, 4), rates);
  const many = fitTimeModel(timings, rates);
  const kernels = toKernels(createArchitecture('resnet-20'), 'inference');
  assert.ok(many.estimate(kernels, 8, 'resnet-20').deviation < few.estimate(kernels, 8, 'resnet-20').deviation);
});

test('a machine that is slower of late is slower for networks that were not timed since', () => {
  const slower = 1.3;
  const late = timings
    .filter(({ network }) => network === 'resnet-20')
    .slice(0, 3)
    .map((timing): Timing => ({ ...timing, ms: slower * timing.ms, relativeError: 0.003, state: 'late' }));
  const [before, after] = [fitTimeModel(timings, rates), fitTimeModel([...timings, ...late], rates)];
  const kernels = toKernels(createArchitecture('vgg-11'), 'inference');
  near(after.estimate(kernels, 8, 'vgg-11').ms / before.estimate(kernels, 8, 'vgg-11').ms, slower, 0.08);
});

test('timings in another state of the machine teach what they take in the usual one', () => {
  const slower = 1.3;
  const mixed = timings.map((timing, index): Timing => (index % 3 === 0 ? { ...timing, ms: slower * timing.ms, state: 'far' } : timing));
  const errorOf = (taught: readonly Timing[], name: string): number => {
    const kernels = toKernels(createArchitecture(name), 'inference');
    return Math.abs(
      fitTimeModel(taught, rates).estimate(kernels, 8, name).ms / fitTimeModel(timings, rates).estimate(kernels, 8, name).ms - 1,
    );
  };
  for (const name of ['resnet-20', 'vgg-11']) {
    const told = errorOf(mixed, name);
    const untold = errorOf(
      mixed.map(({ state: _, ...timing }) => timing),
      name,
    );
    assert.ok(told < 0.02 && told < untold / 2, `${name}: ${told}, untold ${untold}`);
  }
});

test('no kernel takes less than nothing', () => {
  const model = fitTimeModel(timings.slice(0, 3), rates);
  for (const name of ['resnet-50', 'mobilenet-v2-x1.0', 'shufflenet-v1-g3']) {
    for (const kernel of toKernels(createArchitecture(name), 'inference')) assert.ok(model.kernelMs(kernel, 64) >= 0);
  }
});

test.run();
