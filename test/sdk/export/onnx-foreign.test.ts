import { ModelFileError } from '@precrop/sdk/core/errors';
import type { StoredModel } from '@precrop/sdk/export/model';
import { onnx } from '@precrop/sdk/export/onnx/format';
import { dataTypes, type NodeProto, type TensorProto } from '@precrop/sdk/export/onnx/proto';
import { exportModel, importModel } from '@precrop/sdk/export/registry';
import { createOnnxruntime } from '@precrop/sdk/runtimes/onnxruntime';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { computeLogits, createImages } from '../../support/model-zoo.js';
import { allNear } from '../../support/near.js';
import { encodeGraph, float, indices, int, ints, node, type OnnxGraph, positive, weight } from '../../support/onnx-graph.js';

const window = (side: number, stride: number, pad: number) => ({
  kernel_shape: ints([side, side]),
  strides: ints([stride, stride]),
  pads: ints([pad, pad, pad, pad]),
  dilations: ints([1, 1]),
});
const scalar = (name: string, value: number): TensorProto => ({
  name,
  dims: [],
  dataType: dataTypes.float,
  rawData: new Uint8Array(Float32Array.of(value).buffer),
});
const constant = (name: string, tensor: TensorProto): NodeProto => ({
  ...node('Constant', '', name),
  input: [],
  attribute: [{ name: 'value', type: 4, t: tensor }],
});
const norm = (name: string, channels: number): TensorProto[] => [
  weight(`${name}.weight`, channels),
  weight(`${name}.bias`, channels),
  weight(`${name}.running_mean`, channels),
  positive(`${name}.running_var`, channels),
];
const normNode = (name: string, input: string, output: string): NodeProto =>
  node('BatchNormalization', [input, ...norm(name, 1).map((tensor) => tensor.name)].join(' '), output, {
    epsilon: float(1e-5),
    momentum: float(0.9),
    training_mode: int(0),
  });

/** As PyTorch writes a network: weights by their own names, constants as nodes, Gemm with a turned matrix, shapes computed or fixed. */
const likePyTorch: OnnxGraph = {
  input: [1, 3, 8, 8],
  initializer: [
    weight('conv1.weight', 8, 3, 3, 3),
    ...norm('bn1', 8),
    weight('conv2.weight', 8, 1, 3, 3),
    weight('conv2.bias', 8),
    weight('conv3.weight', 8, 4, 1, 1),
    weight('fc.weight', 5, 16),
    weight('fc.bias', 5),
    scalar('zero', 0),
    indices('dealt', 1, 2, 4, 4, 4),
    indices('undealt', 1, 8, 4, 4),
    indices('halves', 4, 4),
    indices('one', 1),
  ],
  node: [
    node('Conv', 'x conv1.weight', 'a', { ...window(3, 2, 1), group: int(1) }),
    normNode('bn1', 'a', 'b'),
    constant('six', scalar('', 6)),
    node('Clip', 'b zero six', 'c'),
    node('Conv', 'c conv2.weight conv2.bias', 'd', { ...window(3, 1, 1), group: int(8) }),
    node('Reshape', 'd dealt', 'e'),
    node('Transpose', 'e', 'f', { perm: ints([0, 2, 1, 3, 4]) }),
    node('Reshape', 'f undealt', 'g'),
    node('Split', 'g halves', 'h0 h1', { axis: int(1) }),
    node('Concat', 'h1 h0', 'i', { axis: int(-3) }),
    node('Conv', 'i conv3.weight', 'j', { ...window(1, 1, 0), group: int(2) }),
    node('Add', 'j c', 'k'),
    node('Relu', 'k', 'l'),
    node('MaxPool', 'l', 'm', { ...window(3, 2, 1), ceil_mode: int(0) }),
    node('AveragePool', 'm', 'n', { kernel_shape: ints([2, 2]), strides: ints([1, 1]), count_include_pad: int(1) }),
    node('Concat', 'n n', 'nn', { axis: int(1) }),
    node('GlobalAveragePool', 'nn', 'o'),
    node('Shape', 'o', 's'),
    constant('zeroth', { name: '', dims: [], dataType: dataTypes.int64, int64Data: [0] }),
    node('Gather', 's zeroth', 's0', { axis: int(0) }),
    node('Unsqueeze', 's0 zeroth', 's1'),
    constant('rest', indices('', -1)),
    node('Concat', 's1 rest', 's2', { axis: int(0) }),
    node('Reshape', 'o s2', 'p'),
    node('Dropout', 'p', 'q'),
    node('Identity', 'q', 'r'),
    node('Gemm', 'r fc.weight fc.bias', 'y', { alpha: float(1), beta: float(1), transB: int(1) }),
  ],
};

/** Opset 9 and what tools besides PyTorch write: float_data, bounds as attributes, MatMul and Add, means with ReduceMean, SAME_UPPER. */
const older: OnnxGraph = {
  opset: 9,
  initializer: [weight('k', 6, 3, 3, 2), weight('b', 6, 1, 1), weight('w', 3, 4), weight('v', 1, 4)].map(({ rawData, ...tensor }) => ({
    ...tensor,
    floatData: rawData as Uint8Array,
  })),
  node: [
    node('Conv', 'x k', 'a', { kernel_shape: ints([3, 2]), auto_pad: { type: 3, s: new TextEncoder().encode('SAME_UPPER') } }),
    node('Add', 'a b', 'b1'),
    node('Clip', 'b1', 'c', { min: float(0), max: float(6) }),
    node('Slice', 'c', 'd', { axes: ints([1]), starts: ints([-3]), ends: ints([9_223_372_036_854_775_000]) }),
    node('ReduceMean', 'd', 'e', { axes: ints([-1, -2]), keepdims: int(0) }),
    node('MatMul', 'e w', 'f'),
    node('Add', 'v f', 'y'),
  ],
};

for (const [name, graph] of Object.entries({ likePyTorch, older })) {
  test(`${name}: the imported network gives what ONNX Runtime gives for the file`, async () => {
    const file = { format: 'onnx', files: new Map([['net.onnx', encodeGraph(graph)]]) } as const;
    const model = await importModel(file);
    const images = createImages(model.architecture, 1);
    const session = await createOnnxruntime({ device: 'cpu' }).load(file, { threads: 1 });
    const expected = await session.infer(images);
    await session.dispose();
    allNear(await computeLogits(model, images), expected, 1e-5);
    // And it can leave again.
    const again = await importModel(await exportModel(model, 'onnx', { fold: false }));
    assert.equal(again.architecture, model.architecture);
    assert.equal(again.weights, model.weights);
  });
}

test('a network as PyTorch writes it has our ops, and the names of its nodes', () => {
  const { architecture, weights } = read(likePyTorch);
  assert.equal(
    architecture.nodes.map(({ id, op }) => `${id} ${op}`),
    [
      'n_a conv',
      'n_b batch-norm',
      'n_c relu6',
      'n_d depthwise-conv',
      'n_g channel-shuffle',
      'h0 split',
      'h1 split',
      'n_i concat',
      'n_j conv',
      'n_k add',
      'n_l relu',
      'n_m max-pool',
      'n_n avg-pool',
      'n_nn concat',
      'n_p global-avg-pool',
      'n_y dense',
    ],
  );
  const [first, second] = architecture.nodes;
  assert.equal(first, {
    id: 'n_a',
    op: 'conv',
    inputs: ['input'],
    outChannels: 8,
    kernel: [3, 3],
    strides: [2, 2],
    padding: [1, 1, 1, 1],
    groups: 1,
    bias: false,
  });
  assert.equal(
    second,
    { id: 'n_b', op: 'batch-norm', inputs: ['n_a'], epsilon: 1e-5, momentum: 0.9 },
    'float32 as the decimal that was meant',
  );
  assert.is(weights.get('n_a/kernel')?.length, 3 * 3 * 3 * 8);
});

test('a constant behind a dense layer that others read too is no bias', () => {
  const nodes = [...(older.node ?? []).slice(0, -1), node('Relu', 'f', 'other'), node('Add', 'v f', 'y')];
  assert.match(refusal({ ...older, node: nodes }), /Node "n_y" \(Add\) adds a constant/);
  const through = [...(older.node ?? []).slice(0, -1), node('Identity', 'f', 'g'), node('Relu', 'f', 'other'), node('Add', 'v g', 'y')];
  assert.match(refusal({ ...older, node: through }), /Node "n_y" \(Add\) adds a constant/);
});

const head = [node('GlobalAveragePool', 'z', 'p'), node('Flatten', 'p', 'y')];
const kernel = weight('k', 3, 3, 3, 3);

/** One node between the image and the head that does not fit, and what is said of it. */
const unfit: Readonly<
  Record<string, { readonly node: NodeProto; readonly says: RegExp; readonly opset?: number; readonly constants?: readonly TensorProto[] }>
> = {
  'an op that is none of ours': {
    node: node('Sigmoid', 'x', 'z'),
    says: /^Node "n_z" \(Sigmoid\) does not fit\. PreCrop reads networks of Add, AveragePool, .*Transpose/,
  },
  'an op of a foreign domain': {
    node: { ...node('Relu', 'x', 'z'), domain: 'com.microsoft' },
    says: /\(com\.microsoft\.Relu\) does not fit/,
  },
  'a dilated convolution': { node: node('Conv', 'x k', 'z', { dilations: ints([2, 2]) }), says: /Node "n_z" \(Conv\) is dilated/ },
  'a convolution padded at the start': {
    node: node('Conv', 'x k', 'z', { auto_pad: { type: 3, s: new TextEncoder().encode('SAME_LOWER') } }),
    says: /pads by "SAME_LOWER"/,
  },
  'a kernel for other channels': {
    node: node('Conv', 'x w', 'z'),
    constants: [weight('w', 4, 2, 3, 3)],
    says: /kernel \[4, 2, 3, 3\].*3 channels/,
  },
  'a convolution of a computed kernel': { node: node('Conv', 'x x', 'z'), says: /computes its weight "x" while it runs/ },
  'clipping elsewhere': { node: node('Clip', 'x a b', 'z'), constants: [scalar('a', -1), scalar('b', 1)], says: /clips to -1 … 1/ },
  'an unequal split': {
    node: node('Split', 'x s', 'z rest', { axis: int(1) }),
    constants: [indices('s', 1, 2)],
    says: /splits 3 channels into \[1, 2\]/,
  },
  'a split of rows': { node: node('Split', 'x', 'z rest', { axis: int(2) }), says: /along axis 2/ },
  'a slice across parts': {
    node: node('Slice', 'x s e a', 'z'),
    constants: [indices('s', 0), indices('e', 2), indices('a', 1)],
    says: /takes channels 0 to 2 of 3/,
  },
  'a pool that counts its padding': {
    node: node('AveragePool', 'x', 'z', { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]), count_include_pad: int(1) }),
    says: /count_include_pad/,
  },
  'a pool that rounds up': { node: node('MaxPool', 'x', 'z', { kernel_shape: ints([3, 3]), ceil_mode: int(1) }), says: /ceil_mode/ },
  'another transposition': { node: node('Transpose', 'x', 'z', { perm: ints([0, 2, 3, 1]) }), says: /turns the axes/ },
  'an unknown attribute': { node: node('Relu', 'x', 'z', { alpha: float(0.1) }), says: /has the attribute "alpha"/ },
  'too many inputs': { node: node('Relu', 'x x', 'z'), says: /has 2 inputs, but PreCrop understands 1/ },
  'an addition of a number': { node: node('Add', 'x k', 'z'), says: /adds a constant/ },
  'training mode': {
    node: node('BatchNormalization', 'x s s s s', 'z', { training_mode: int(1) }),
    constants: [weight('s', 3)],
    says: /training mode/,
  },
  'a shuffle without its end': {
    node: node('Reshape', 'x s', 'z'),
    constants: [indices('s', 0, 3, 1, 8, 8)],
    says: /Node "n_p" \(GlobalAveragePool\) reads "z", which is half of a channel shuffle/,
  },
  'mixing images': { node: node('Reshape', 'x s', 'z'), constants: [indices('s', 2, -1)], says: /mixes the images/ },
  'an old opset': { node: node('Relu', 'x', 'z'), opset: 6, says: /opset 6/ },
};

for (const [name, { node: odd, says, constants = [], ...rest }] of Object.entries(unfit)) {
  test(`refused, with the node's name: ${name}`, () => {
    const unread = constants.length > 0 ? constants : [kernel];
    assert.match(refusal({ ...rest, node: [odd, ...head], initializer: unread }), says);
  });
}

test('names are kept where they are new', () => {
  const twice = (output: string, input: string): NodeProto => ({ ...node('Relu', input, output), name: 'same' });
  const unnamed = { ...node('Relu', 'b', 'z'), name: '' };
  const { architecture } = read({
    node: [twice('a', 'x'), twice('b', 'a'), unnamed, { ...head[0], name: 'input' } as NodeProto, ...head.slice(1)],
  });
  assert.equal(
    architecture.nodes.map(({ id }) => id),
    ['same', 'same-2', 'z', 'n_y'],
  );
});

function read(graph: OnnxGraph): StoredModel {
  return onnx.read?.({ format: 'onnx', files: new Map([['a.onnx', encodeGraph(graph)]]) }) as StoredModel;
}

function refusal(graph: OnnxGraph): string {
  try {
    read(graph);
  } catch (error) {
    assert.instance(error, ModelFileError);
    return (error as Error).message;
  }
  throw new Error('was not refused');
}

test.run();
