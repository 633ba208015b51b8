import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { createAxes, createKernelField, createSum, shareOf, sumShares } from '@precrop/sdk/cost/kernel-field';
import { type KernelPoint, toKernelPoint } from '@precrop/sdk/cost/kernel-prior';
import { toKernels } from '@precrop/sdk/cost/kernels';
import { defaultPriors } from '@precrop/sdk/cost/time-model';
import { withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import { near } from '../../support/near.js';
import { drawWidths } from '../../support/synthetic-profile.js';

const rates = { gigaMacsPerS: 100, gigabytesPerS: 20, callMs: 0.002 };
const rng = createRng(17);
const { otherAlignment } = defaultPriors;

/** Convolutions of two networks at random widths and batches, aligned and not. */
const points: readonly KernelPoint[] = ['resnet-20', 'vgg-11'].flatMap((name) => {
  const architecture = createArchitecture(name);
  return [1, 8].flatMap((batch) => {
    const kernels = toKernels(withWidths(architecture, drawWidths(architecture, rng.fork(name, batch))), 'inference');
    return kernels.map((kernel) => toKernelPoint(kernel, batch, rates)).filter(({ kind }) => kind.startsWith('conv'));
  });
});
const weights = Float64Array.from(points, (_, index) => rng.fork('weight', index).normal());

test('sums over a field are those over its pairs of kernels, also of kernels that it does not hold', () => {
  const held = points.slice(0, -5);
  const field = createKernelField(held, createAxes(held, otherAlignment));
  const sumOf = createSum(field, weights.slice(0, held.length));
  for (const asked of [points[3] as KernelPoint, ...points.slice(-5)]) {
    const pairs = held.map((point) => shareOf(asked, point, otherAlignment));
    for (const count of [0, 1, 7, held.length]) {
      const kernels = [
        { point: asked, deviation: 2 },
        { point: points[0] as KernelPoint, deviation: 3 },
      ];
      const sums = sumShares(field, kernels, count);
      for (let index = 0; index < count; index++) {
        near(
          sums[index] as number,
          2 * (pairs[index] as number) + 3 * shareOf(points[0] as KernelPoint, held[index] as KernelPoint, otherAlignment),
          1e-12,
        );
      }
    }
    const expected = pairs.reduce((total, pair, index) => total + (weights[index] as number) * pair, 0);
    near(sumOf(asked), expected, 1e-12);
  }
});

test('a kernel shares with another of its kind by size, and less where other code runs', () => {
  const [conv] = toKernels(createArchitecture('resnet-20'), 'inference').filter(({ kind }) => kind.startsWith('conv'));
  if (!conv) throw new Error('no convolution');
  const at = (inChannels: number, outChannels: number): KernelPoint =>
    toKernelPoint({ ...conv, inChannels, outChannels, weights: 0, reads: 0, writes: 0, macs: 1e6 }, 1, rates);
  near(shareOf(at(32, 32), at(32, 32), otherAlignment), 1, 1e-12);
  const octaves = 2 / 1.5; // 2 octaves of channels, 1.5 are far
  near(shareOf(at(16, 64), at(64, 64), otherAlignment), Math.exp(-(octaves ** 2) / 2), 1e-12);
  const [filled, octave] = [(1 - 24 / 32) / 0.35, Math.log2(32 / 24) / 1.5];
  near(shareOf(at(32, 32), at(24, 32), otherAlignment), otherAlignment * Math.exp(-(filled ** 2 + octave ** 2) / 2), 1e-12);
});

test.run();
