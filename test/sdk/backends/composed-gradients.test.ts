import { composedGradients } from '@precrop/sdk/backends/tfjs-eager/composed-gradients';
import { loadTfjsDevice, onDevice } from '@precrop/sdk/backends/tfjs-eager/device';
import type { KernelInput } from '@precrop/sdk/backends/tfjs-eager/kernel';
import { windowKernels } from '@precrop/sdk/backends/tfjs-eager/window-kernels';
import { createRng } from '@precrop/sdk/core/rng';
import type { Pads } from '@precrop/sdk/ir/geometry';
import { memory, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allNear } from '../../support/near.js';

await loadTfjsDevice('wasm');
await loadTfjsDevice('cpu');

const rng = createRng(7);
const among = (low: number, high: number): number => rng.integer(low, high);

/** Anything that a convolution may be: strides over the kernel, padding beyond it, pixels that no window reaches. */
const geometries = Array.from({ length: 40 }, () => ({
  batch: among(1, 3),
  image: [among(5, 9), among(5, 9)] as const,
  kernel: [among(1, 4), among(1, 4)] as const,
  strides: [among(1, 3), among(1, 3)] as const,
  pads: [among(0, 4), among(0, 4), among(0, 4), among(0, 4)] as Pads,
  inChannels: among(1, 4),
  outChannels: among(1, 4),
}));

const kinds = [
  { forward: 'conv2d', toInput: 'conv2dBackpropInput', toFilter: 'conv2dBackpropFilter' },
  { forward: 'depthwiseConv2d', toInput: 'depthwiseConv2dBackpropInput', toFilter: 'depthwiseConv2dBackpropFilter' },
] as const;

for (const { forward, toInput, toFilter } of kinds) {
  test(`the composed gradients of ${forward} on wasm are those of cpu's own kernels, in ${geometries.length} geometries`, async () => {
    for (const { batch, image, kernel, strides, pads, inChannels, outChannels } of geometries) {
      const inputShape = [batch, ...image, inChannels];
      const filterShape = [...kernel, inChannels, forward === 'conv2d' ? outChannels : 1];
      const [x, w] = [draw(inputShape), draw(filterShape)];
      const at = (inputs: readonly Tensor[]) => toInputOf(inputs, { strides, pads, inputShape, filterShape }, batch);
      const compute = (table: Pick<typeof windowKernels, typeof toInput | typeof toFilter>): number[][] =>
        tidy(() => {
          const [images, filter] = [tensor(x, inputShape), tensor(w, filterShape)];
          const dy = windowKernels[forward](at([images, filter]))[0] as Tensor;
          const dx = table[toInput](at([filter, dy]))[0] as Tensor;
          const dw = table[toFilter](at([images, dy]))[0] as Tensor;
          assert.equal([dx.shape, dw.shape], [inputShape, filterShape]);
          return [[...dx.dataSync()], [...dw.dataSync()]];
        });
      const before = memory().numTensors;
      const [dx = [], dw = []] = await onDevice('wasm', () => compute(composedGradients));
      const [ownDx = [], ownDw = []] = await onDevice('cpu', () => compute(windowKernels));
      allNear(dx, ownDx, 1e-5);
      allNear(dw, ownDw, 1e-5);
      assert.is(memory().numTensors, before);
    }
  });
}

test('the composed gradient of max-pool reaches the largest value of each window, whatever its sign', async () => {
  const x = [-3, -1, -2, -4, -5, 0, -1, -2, 5, 2, 1e-30, -1, -1e30, -1e29, -3e29, -2e30]; // four rows of one image
  const attributes = { window: [1, 4], strides: [1, 4], pads: [0, 0, 0, 0] } as const;
  const dx = await onDevice('wasm', () =>
    tidy(() => {
      const images = tensor(x, [1, 4, 4, 1]);
      const y = windowKernels.maxPool(toInputOf([images], attributes, 1))[0] as Tensor;
      const dy = tensor([1, 2, 3, 4], [1, 4, 1, 1]);
      return [...(composedGradients.maxPoolGrad(toInputOf([images, y, dy], attributes, 1))[0] as Tensor).dataSync()];
    }),
  );
  assert.equal(dx, [0, 1, 0, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0]);
});

function draw(shape: readonly number[]): Float32Array {
  return Float32Array.from({ length: shape.reduce((size, extent) => size * extent, 1) }, () => rng.normal());
}

function toInputOf<A>(inputs: readonly Tensor[], attributes: A, batch: number): KernelInput<A> {
  const none = (): never => assert.unreachable('gradients have no variables') as never;
  return { inputs, attributes, batch, variables: { read: none, write: none } };
}

test.run();
