import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { covarianceOf, createKernelField } from '@precrop/sdk/cost/kernel-field';
import { type KernelPoint, toKernelPoint } from '@precrop/sdk/cost/kernel-prior';
import { toKernels } from '@precrop/sdk/cost/kernels';
import { defaultPriors } from '@precrop/sdk/cost/time-model';
import { withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import { near } from '../../support/near.js';
import { drawWidths } from '../../support/synthetic-profile.js';

const rates = { gigaMacsPerS: 100, gigabytesPerS: 20, callMs: 0.002 };
const rng = createRng(17);

/** Convolutions of two networks at random widths and batches, aligned and not. */
const points: readonly KernelPoint[] = ['resnet-20', 'vgg-11'].flatMap((name) => {
  const architecture = createArchitecture(name);
  return [1, 8].flatMap((batch) => {
    const kernels = toKernels(withWidths(architecture, drawWidths(architecture, rng.fork(name, batch))), 'inference');
    return kernels.map((kernel) => toKernelPoint(kernel, batch, rates)).filter(({ kind }) => kind.startsWith('conv'));
  });
});
const weights = Float64Array.from(points, (_, index) => rng.fork('weight', index).normal());

function fill(count: number) {
  const field = createKernelField(defaultPriors);
  for (const [index, point] of points.slice(0, count).entries()) field.indexOf(`${index}`, point);
  return field;
}

test('sums over a field are those over its pairs of kernels, also of kernels that come later', () => {
  const field = fill(points.length - 5);
  const asked = points[3] as KernelPoint;
  const check = (count: number): void => {
    const sums = new Float64Array(count).fill(1);
    field.addCovariances(asked, 2, sums);
    const pairs = points.slice(0, count).map((point) => covarianceOf(asked, point, defaultPriors));
    for (const [index, pair] of pairs.entries()) near(sums[index] as number, 1 + 2 * pair, 1e-12);
    const expected = pairs.reduce((sum, pair, index) => sum + (weights[index] as number) * pair, 0);
    near(field.createSum(weights.slice(0, count))(asked), expected, 1e-12);
  };
  check(points.length - 5);
  for (const [index, point] of points.slice(-5).entries()) field.indexOf(`late ${index}`, point);
  check(points.length);
});

test('a kernel shares with another of its kind by size, and less where other code runs', () => {
  const [conv] = toKernels(createArchitecture('resnet-20'), 'inference').filter(({ kind }) => kind.startsWith('conv'));
  if (!conv) throw new Error('no convolution');
  const at = (inChannels: number, outChannels: number): KernelPoint =>
    toKernelPoint({ ...conv, inChannels, outChannels, weights: 0, reads: 0, writes: 0, macs: 1e6 }, 1, rates);
  const smooth = (a: KernelPoint, b: KernelPoint): number =>
    covarianceOf(a, b, { ...defaultPriors, kind: 0 }) / (a.expectedMs * b.expectedMs);
  near(smooth(at(32, 32), at(32, 32)), defaultPriors.smooth ** 2, 1e-12);
  const octaves = 2 / 1.5; // 2 octaves of channels, 1.5 are far
  near(smooth(at(16, 64), at(64, 64)), defaultPriors.smooth ** 2 * Math.exp(-(octaves ** 2) / 2), 1e-12);
  const [filled, octave] = [(1 - 24 / 32) / 0.35, Math.log2(32 / 24) / 1.5];
  near(
    smooth(at(32, 32), at(24, 32)),
    defaultPriors.smooth ** 2 * defaultPriors.otherAlignment * Math.exp(-(filled ** 2 + octave ** 2) / 2),
    1e-12,
  );
});

test.run();
