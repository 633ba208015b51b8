import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { ExportError } from '@precrop/sdk/core/errors';
import { foldBatchNorm } from '@precrop/sdk/export/fold';
import type { Model } from '@precrop/sdk/export/model';
import { exportModel } from '@precrop/sdk/export/registry';
import { toSparseKernels } from '@precrop/sdk/export/tflite/sparse-kernels';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { computeLogits, createImages, createModel } from '../../../support/model-zoo.js';
import { allNear } from '../../../support/near.js';
import { isPointwise, zeroSmallest } from '../../../support/zero-smallest.js';

async function sizeOf(...args: Parameters<typeof exportModel>): Promise<number> {
  return [...(await exportModel(...args)).files.values()][0]?.length ?? 0;
}

const mobilenet = foldBatchNorm(createModel(createArchitecture('mobilenet-v1-x0.25')));
const pruned = zeroSmallest(mobilenet, 0.9, isPointwise);

test('constants begin at multiples of 16, as the schema asks', async () => {
  const file = await exportModel(createModel(createArchitecture('resnet-20-w4')), 'tflite');
  const bytes = Buffer.from([...file.files.values()][0] ?? []);
  const bias = createModel(createArchitecture('resnet-20-w4')).weights.get('head.fc/bias') as Float32Array;
  const at = bytes.indexOf(Buffer.from(bias.buffer));
  assert.ok(at > 0);
  assert.is(at % 16, 0);
});

test('float16 halves a file, and zeros that are not stored shrink it', async () => {
  const dense = await sizeOf(pruned, 'tflite');
  const [half, sparse, both] = await Promise.all(
    [{ float16: true }, { sparse: true }, { sparse: true, float16: true }].map((options) => sizeOf(pruned, 'tflite', options)),
  );
  assert.ok((half as number) < 0.6 * dense, `${half} of ${dense}`);
  assert.ok((sparse as number) < 0.8 * dense, `${sparse} of ${dense}`);
  assert.ok((both as number) < Math.min(half as number, sparse as number), `${both} of ${half} and ${sparse}`);
});

test('kernels with too few zeros are stored whole', async () => {
  const less = zeroSmallest(mobilenet, 0.6, isPointwise);
  assert.is(await sizeOf(less, 'tflite', { sparse: true }), await sizeOf(less, 'tflite'));
});

test('a kernel of nothing but zeros is stored whole: readers do not take empty buffers for constants', async () => {
  const none = zeroSmallest(mobilenet, 1, ({ id }) => id === 'head.fc');
  assert.is(await sizeOf(none, 'tflite', { sparse: true }), await sizeOf(none, 'tflite'));
});

test('a weight that float16 cannot hold is refused by name', async () => {
  const weights = new Map(mobilenet.weights).set(
    'head.fc/kernel',
    (mobilenet.weights.get('head.fc/kernel') as Float32Array).map(() => 1e5),
  );
  const error = await exportModel({ ...mobilenet, weights }, 'tflite', { float16: true }).catch((reason: unknown) => reason);
  assert.instance(error, ExportError);
  assert.match((error as Error).message, /"head\.fc\/kernel" has a weight of 100000/);
});

test('a network for sparse kernels is padded alike on all sides, and gives of turned images what it gave', async () => {
  const original = { ...pruned, architecture: { ...pruned.architecture, input: [32, 32, 3] } as const };
  const suited = toSparseKernels(original);
  assert.is(suited?.turned, true);
  const model = suited?.model as Model;
  for (const node of model.architecture.nodes) {
    if ('kernel' in node) assert.equal(node.padding, [node.kernel[0] >> 1, node.kernel[0] >> 1, node.kernel[1] >> 1, node.kernel[1] >> 1]);
  }
  const images = createImages(original.architecture, 1);
  const pixels = Array.from({ length: images.length / 3 }, (_, index) => [...images.subarray(3 * index, 3 * index + 3)]);
  const turned = Float32Array.from(pixels.reverse().flat());
  const backend = createTfjsEagerBackend({ device: 'cpu' });
  allNear(await computeLogits(model, turned, backend), await computeLogits(original, images, backend), 1e-4);
});

test('images are not turned where windows are padded alike already', () => {
  const odd = foldBatchNorm(createModel({ ...mobilenet.architecture, input: [225, 225, 3] }));
  assert.is(toSparseKernels(zeroSmallest(odd, 0.9, isPointwise))?.turned, false);
});

test('sparse kernels are for networks that they suit, with enough zeros', () => {
  assert.is(toSparseKernels(zeroSmallest(mobilenet, 0.5, isPointwise)), undefined);
  for (const name of ['resnet-20', 'shufflenet-v2-x0.5', 'mobilenet-v2-x0.5-cifar', 'vgg-11']) {
    const model = foldBatchNorm(createModel(createArchitecture(name)));
    assert.is(toSparseKernels(zeroSmallest(model, 0.9, () => true)), undefined, name);
  }
});

test.run();
