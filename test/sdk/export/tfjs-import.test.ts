import { ModelFileError } from '@precrop/sdk/core/errors';
import type { ModelFile } from '@precrop/sdk/export/format';
import type { Model } from '@precrop/sdk/export/model';
import { exportModel, importModel } from '@precrop/sdk/export/registry';
import * as tfl from '@tensorflow/tfjs-layers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { computeLogits, createImages } from '../../support/model-zoo.js';
import { allNear } from '../../support/near.js';
import { jsonOf, predict, randomize, saveLayers, withJson } from '../../support/tfjs-files.js';

const { layers } = tfl;
type Tensor = tfl.SymbolicTensor;

/** Layers one behind the other, as users write them. */
function stack(inputShape: number[], list: readonly tfl.layers.Layer[]): tfl.LayersModel {
  const image = tfl.input({ shape: inputShape });
  return tfl.model({ inputs: image, outputs: list.reduce<Tensor>((value, layer) => layer.apply(value) as Tensor, image) });
}

function createSequential(): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      layers.conv2d({ inputShape: [12, 10, 3], filters: 4, kernelSize: 3, activation: 'relu', name: 'conv' }),
      layers.maxPooling2d({ poolSize: 2, name: 'max' }),
      layers.conv2d({ filters: 5, kernelSize: [3, 1], strides: 2, padding: 'same', useBias: false, name: 'conv2' }),
      layers.activation({ activation: 'relu6', name: 'relu6' }),
      layers.flatten({ name: 'flatten' }),
      layers.dropout({ rate: 0.5, name: 'drop' }),
      layers.dense({ units: 7, activation: 'relu', name: 'hidden' }),
      layers.dense({ units: 4, activation: 'softmax', name: 'classes' }),
    ],
  });
}

/** The layers of Keras' MobileNet, with its classifier on an image of one pixel. */
function createMobileNet(): tfl.LayersModel {
  return stack(
    [16, 16, 3],
    [
      layers.zeroPadding2d({
        padding: [
          [0, 1],
          [0, 1],
        ],
        name: 'conv1_pad',
      }),
      layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 'valid', useBias: false, name: 'conv1' }),
      layers.batchNormalization({ axis: 3, name: 'conv1_bn' }),
      layers.reLU({ maxValue: 6, name: 'conv1_relu' }),
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', useBias: false, name: 'conv_dw_1' }),
      layers.batchNormalization({ scale: false, name: 'conv_dw_1_bn' }),
      layers.zeroPadding2d({
        padding: [
          [2, 0],
          [1, 1],
        ],
        name: 'odd_pad',
      }),
      layers.separableConv2d({ filters: 8, kernelSize: 3, activation: 'relu', name: 'separable' }),
      layers.globalAveragePooling2d({ name: 'pool' }),
      layers.reshape({ targetShape: [1, 1, 8], name: 'reshape_1' }),
      layers.dropout({ rate: 0.001, name: 'dropout' }),
      layers.conv2d({ filters: 5, kernelSize: 1, padding: 'same', name: 'conv_preds' }),
      layers.activation({ activation: 'softmax', name: 'act_softmax' }),
      layers.reshape({ targetShape: [5], name: 'reshape_2' }),
    ],
  );
}

/** Branches, a padded max-pool, three summands and a channel shuffle with axes that it shares with no other layer of ours. */
function createBranches(): tfl.LayersModel {
  const image = tfl.input({ shape: [9, 9, 2] });
  const apply = (layer: tfl.layers.Layer, ...inputs: Tensor[]): Tensor =>
    layer.apply(inputs.length > 1 ? inputs : (inputs[0] as Tensor)) as Tensor;
  const stem = apply(layers.conv2d({ filters: 6, kernelSize: 3, activation: 'relu', padding: 'same', name: 'stem' }), image);
  const padded = apply(layers.zeroPadding2d({ padding: [1, 1], name: 'pool1_pad' }), stem);
  const pool = apply(layers.maxPooling2d({ poolSize: 3, strides: 1, name: 'pool1' }), padded);
  const wide = apply(layers.conv2d({ filters: 6, kernelSize: 1, name: 'wide' }), pool);
  const sum = apply(layers.add({ name: 'sum' }), stem, pool, wide);
  const dealt = apply(layers.reshape({ targetShape: [9, 9, 3, 2], name: 'deal' }), sum);
  const turned = apply(layers.permute({ dims: [1, 2, 4, 3], name: 'turn' }), dealt);
  const shuffled = apply(layers.reshape({ targetShape: [9, 9, 6], name: 'shuffle' }), turned);
  const joined = apply(layers.concatenate({ name: 'join' }), shuffled, wide);
  const mean = apply(layers.averagePooling2d({ poolSize: [9, 9], name: 'mean' }), joined);
  const vector = apply(layers.flatten({ name: 'flat' }), mean);
  const logits = apply(layers.dense({ units: 3, useBias: false, name: 'logits' }), vector);
  return tfl.model({ inputs: image, outputs: apply(layers.softmax({ name: 'softmax' }), logits), name: 'branches' });
}

const others = { sequential: createSequential, mobilenet: createMobileNet, branches: createBranches };
for (const [name, create] of Object.entries(others)) {
  test(`${name} of tfjs-layers: the imported network gives its probabilities`, async () => {
    const model = create();
    randomize(model);
    const file = await saveLayers(model);
    const { architecture, weights, metadata } = await importModel(file);
    const images = createImages(architecture, 3);
    const probabilities = predict(model, images);
    allNear(toProbabilities(await computeLogits({ architecture, weights, metadata }, images), architecture.classes), probabilities, 1e-5);
    const ours = await exportModel({ architecture, weights, metadata }, 'tfjs', { fold: false });
    assert.equal(await importModel(ours), { architecture, weights, metadata: metadataOfNone }, 'ours says the same');
    model.dispose();
  });
}

const metadataOfNone = { classNames: undefined, normalization: undefined, planHash: undefined, licence: undefined };

function toProbabilities(logits: Float32Array, classes: number): Float32Array {
  return logits.map((logit, index) => {
    const first = index - (index % classes);
    return Math.exp(logit) / logits.subarray(first, first + classes).reduce((sum, other) => sum + Math.exp(other), 0);
  });
}

test('names and activations become nodes, and what does nothing once trained is left out', async () => {
  const { architecture } = await importOf(createSequential());
  assert.equal(
    architecture.nodes.map(({ id, op }) => `${id}: ${op}`),
    [
      'conv: conv',
      'conv.relu: relu',
      'max: max-pool',
      'conv2: conv',
      'relu6: relu6',
      'hidden: conv',
      'hidden.pool: global-avg-pool',
      'hidden.relu: relu',
      'classes: dense',
    ],
  );
  assert.is(architecture.output, 'classes');
});

test('zeros before a convolution are its padding, and "same" where they come to that', async () => {
  const { architecture } = await importOf(createMobileNet());
  const paddings = architecture.nodes.flatMap((node) => ('padding' in node ? [[node.id, node.padding]] : []));
  assert.equal(paddings, [
    ['conv1', 'same'],
    ['conv_dw_1', 'same'],
    ['separable.depthwise', [2, 0, 1, 1]],
    ['separable', 'valid'],
  ]);
});

test('weights may be cut into files anywhere, and their groups too', async () => {
  const file = await saveLayers(createBranches());
  const expected = await importModel(file);
  const json = jsonOf(file);
  const [{ weights }] = json.weightsManifest;
  const bytes = file.files.get('group1-shard1of1.bin') as Uint8Array;
  const sizes = weights.map(({ shape }: { shape: number[] }) => 4 * shape.reduce((size, extent) => size * extent, 1));
  const first = sizes[0] + sizes[1];
  const files = new Map([
    ['model.json', file.files.get('model.json') as Uint8Array],
    ['a.bin', bytes.subarray(0, 3)],
    ['b.bin', bytes.subarray(3, 3)],
    ['c.bin', bytes.subarray(3, 131)],
    ['d.bin', bytes.subarray(131, first)],
    ['e.bin', bytes.subarray(first)],
  ]);
  json.weightsManifest = [
    { paths: ['a.bin', 'b.bin', 'c.bin', 'd.bin'], weights: weights.slice(0, 2) },
    { paths: ['e.bin'], weights: weights.slice(2) },
  ];
  assert.equal(await importModel(withJson({ format: 'tfjs', files }, json)), expected);
});

test('layers may stand in any order', async () => {
  const file = await saveLayers(createBranches());
  const json = jsonOf(file);
  json.modelTopology.config.layers.reverse();
  const { architecture, weights } = await importModel(withJson(file, json));
  const expected = await importModel(file);
  assert.equal(weights, expected.weights);
  const byId = (nodes: Model['architecture']['nodes']): unknown => nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  assert.equal(byId(architecture.nodes), byId(expected.architecture.nodes));
});

const image = [8, 8, 4];
const misfits: readonly (readonly [string, () => tfl.LayersModel, RegExp])[] = [
  [
    'another layer',
    () => stack(image, [layers.conv2dTranspose({ filters: 2, kernelSize: 3, name: 'up' })]),
    /Layer "up", a Conv2DTranspose, cannot be imported\. Layers that can: InputLayer, Conv2D, /,
  ],
  [
    'dilation',
    () => stack(image, [layers.conv2d({ filters: 2, kernelSize: 3, dilationRate: 2, name: 'far' })]),
    /Layer "far", a Conv2D, cannot be imported: .*dilation_rate/,
  ],
  [
    'another activation',
    () => stack(image, [layers.conv2d({ filters: 2, kernelSize: 3, activation: 'tanh', name: 'bent' })]),
    /Layer "bent", a Conv2D, cannot be imported: .*"activation", but there is "tanh"/,
  ],
  ['a cropped image', () => stack(image, [layers.cropping2D({ cropping: [1, 1], name: 'cut' })]), /Layer "cut", a Cropping2D/],
  [
    'a padded max-pool without a relu',
    () => stack(image, [layers.zeroPadding2d({ name: 'pad' }), layers.maxPooling2d({ poolSize: 3, name: 'max' })]),
    /Layer "max", a MaxPooling2D, counts the zeros of a padding/,
  ],
  [
    'padding that nothing takes',
    () => stack(image, [layers.zeroPadding2d({ name: 'pad' }), layers.batchNormalization({ name: 'norm' })]),
    /Layer "norm", a BatchNormalization, reads padding that no convolution/,
  ],
  [
    'softmax in the middle',
    () => stack(image, [layers.softmax({ axis: -1, name: 'soft' }), layers.globalAveragePooling2d({ name: 'pool' })]),
    /Layer "pool", a GlobalAveragePooling2D, reads the probabilities of a softmax/,
  ],
  ['a reshape that is none of ours', () => stack(image, [layers.reshape({ targetShape: [4, 16, 4], name: 'bend' })]), /"bend", a Reshape/],
  ['an image as output', () => stack(image, [layers.reLU({ name: 'relu' })]), /The output "relu" has shape 8x8x4/],
  [
    'two outputs',
    () => {
      const x = tfl.input({ shape: image });
      return tfl.model({ inputs: x, outputs: [layers.reLU().apply(x) as Tensor, layers.flatten().apply(x) as Tensor] });
    },
    /only models with one output/,
  ],
  [
    'a layer used twice',
    () => {
      const x = tfl.input({ shape: image });
      const shared = layers.reLU({ name: 'shared' });
      return tfl.model({ inputs: x, outputs: shared.apply(shared.apply(x) as Tensor) as Tensor });
    },
    /only layers that are used once can be imported/,
  ],
];
for (const [name, create, words] of misfits) {
  test(`${name} is refused with the layer that does not fit`, async () => {
    const error = await importOf(create()).catch((reason: unknown) => reason);
    assert.instance(error, ModelFileError);
    assert.match((error as Error).message, words, (error as Error).message);
  });
}

async function importOf(model: tfl.LayersModel): Promise<Model> {
  const file: ModelFile = await saveLayers(model);
  model.dispose();
  return importModel(file);
}

test.run();
