import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { ModelFileError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import { onnx } from '@precrop/sdk/export/onnx/format';
import { encodeModel, type ModelProto, type NodeProto } from '@precrop/sdk/export/onnx/proto';
import { exportModel, importModel } from '@precrop/sdk/export/registry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../../support/every-op.js';
import { createModel } from '../../support/model-zoo.js';
import { mutations } from '../../support/mutate-onnx.js';
import { encodeGraph, float, indices, int, ints, node, type OnnxGraph, toModelProto, weight } from '../../support/onnx-graph.js';

const longestMs = 1000;
const head = [node('GlobalAveragePool', 'z', 'p'), node('Flatten', 'p', 'y')];
const kernel = weight('k', 4, 3, 3, 3);
const conv = node('Conv', 'x k', 'z');

const huge = 10 * 2 ** 30;
const graphs: Readonly<Record<string, { readonly graph: OnnxGraph; readonly says: RegExp }>> = {
  'a cycle': {
    graph: { node: [node('Add', 'x b', 'a'), node('Relu', 'a', 'b'), node('Relu', 'b', 'z'), ...head] },
    says: /reads "b", which no earlier/,
  },
  'a node that reads itself': { graph: { node: [node('Relu', 'z', 'z'), ...head] }, says: /reads "z", which no earlier/ },
  'negative extents of the image': { graph: { node: [conv, ...head], input: [0, -3, 8, 8] }, says: /shape \[\?, -3, 8, 8\]/ },
  'an image of 10 GB': { graph: { node: [conv, ...head], input: [1, 3, 30_000, 30_000] }, says: /shape \[1, 3, 30000, 30000\]/ },
  'an image without a size': { graph: { node: [conv, ...head], input: [0, 3, 0, 0] }, says: /shape \[\?, 3, \?, \?\]/ },
  'negative extents of a tensor': {
    graph: { node: [conv, ...head], initializer: [{ ...kernel, dims: [4, -3, -3, 3] }] },
    says: /"k" has the shape/,
  },
  'a tensor that claims 10 GB': {
    graph: { node: [conv, ...head], initializer: [{ ...kernel, dims: [huge / 4 / 27, 3, 3, 3] }] },
    says: /"k" claims the shape .* but holds 108 values/,
  },
  'a tensor of more extents than there are numbers': {
    graph: { node: [conv, ...head], initializer: [{ ...kernel, dims: [2 ** 52, 2 ** 52, 2 ** 52, 2 ** 52] }] },
    says: /kernel/,
  },
  'a shorter tensor than it claims': {
    graph: { node: [conv, ...head], initializer: [{ ...kernel, rawData: (kernel.rawData as Uint8Array).subarray(0, 101) }] },
    says: /claims the shape \[4, 3, 3, 3\], but holds 25\.25 values/,
  },
  'weights of another type': {
    graph: { node: [conv, ...head], initializer: [{ ...kernel, dataType: 10 }] },
    says: /data type 10, but weights must be float32/,
  },
  'weights in another file': {
    graph: {
      node: [conv, ...head],
      initializer: [{ ...kernel, externalData: [{ key: 'location', value: '/etc/passwd' }], dataLocation: 1 }],
    },
    says: /"k" lies outside of this file/,
  },
  'two tensors of one name': { graph: { node: [conv, ...head], initializer: [kernel, kernel] }, says: /Two tensors are called "k"/ },
  'two nodes that write one tensor': {
    graph: { node: [conv, node('Relu', 'z', 'z'), ...head], initializer: [kernel] },
    says: /Two tensors are called "z"/,
  },
  'an epsilon that is no number': { graph: { node: [norm(Number.NaN), ...head], initializer: [weight('s', 3)] }, says: /epsilon of NaN/ },
  'a negative epsilon': { graph: { node: [norm(-1), ...head], initializer: [weight('s', 3)] }, says: /epsilon of -1/ },
  'an attribute of another type': {
    graph: { node: [node('Conv', 'x k', 'z', { group: float(1) }), ...head], initializer: [kernel] },
    says: /"group" that is no int/,
  },
  'strides of zero': {
    graph: { node: [node('Conv', 'x k', 'z', { strides: ints([0, 0]) }), ...head], initializer: [kernel] },
    says: /strides that are not/,
  },
  'pads of billions': {
    graph: { node: [node('Conv', 'x k', 'z', { pads: ints([2e9, 2e9, 2e9, 2e9]) }), ...head], initializer: [kernel] },
    says: /pads that are not/,
  },
  'negative pads': {
    graph: { node: [node('Conv', 'x k', 'z', { pads: ints([-1, -1, -1, -1]) }), ...head], initializer: [kernel] },
    says: /pads that are not/,
  },
  'no groups at all': { graph: { node: [node('Conv', 'x k', 'z', { group: int(0) }), ...head], initializer: [kernel] }, says: /0 groups/ },
  'a billion channels to split': {
    graph: {
      node: [node('Slice', 'x s e a', 'z'), ...head],
      input: [1, 1e9, 1, 1],
      initializer: [indices('s', 0), indices('e', 1), indices('a', 1)],
    },
    says: /1000000000 groups and parts/,
  },
  'channels that double until they are 10^18': {
    graph: {
      node: [
        ...Array.from({ length: 60 }, (_, index) => node('Concat', index === 0 ? 'x x' : `d${index} d${index}`, `d${index + 1}`)),
        node('Relu', 'd60', 'z'),
        ...head,
      ],
    },
    says: /values for one image\. At most/,
  },
  'one tensor that a thousand nodes copy': {
    graph: {
      input: [1, 64, 4, 4],
      node: [
        ...Array.from({ length: 1000 }, (_, index) => node('Conv', `${index === 0 ? 'x' : `c${index}`} k`, `c${index + 1}`)),
        node('Relu', 'c1000', 'z'),
        ...head,
      ],
      initializer: [weight('k', 64, 64, 1, 1)],
    },
    says: /share tensors/,
  },
  'no output': { graph: { node: [conv, ...head], initializer: [kernel], output: 'w' }, says: /The output "w" is no vector/ },
  'an image as output': { graph: { node: [conv, ...head], initializer: [kernel], output: 'z' }, says: /The output "z" is no vector/ },
  'no nodes': { graph: {}, says: /The output "y" is no vector/ },
  'a name of a megabyte': { graph: { node: [{ ...node('Strange', 'x', 'z'), name: 'n'.repeat(2 ** 20) }, ...head] }, says: /^.{0,600}$/ },
  'a name with control characters': {
    graph: { node: [{ ...node('Strange', 'x', 'z'), name: '\u001b[2J\n' }, ...head] },
    says: /Node "\\u001b\[2J\\n"/,
  },
};

function norm(epsilon: number): NodeProto {
  return node('BatchNormalization', 'x s s s s', 'z', { epsilon: float(epsilon) });
}

for (const [name, { graph, says }] of Object.entries(graphs)) {
  test(`refused: ${name}`, () => assert.match(refusal(encodeGraph(graph)), says));
}

const good = toModelProto({ node: [conv, ...head], initializer: [kernel] });
const models: Readonly<Record<string, { readonly model: ModelProto; readonly says: RegExp }>> = {
  'no opset': { model: { ...good, opsetImport: [] }, says: /opset 0/ },
  'no graph': { model: { ...good, graph: null }, says: /hold no graph/ },
  'two images': {
    model: { ...good, graph: { ...good.graph, input: [...(good.graph?.input ?? []), { name: 'other' }] } },
    says: /has 2 inputs/,
  },
  'two outputs': { model: { ...good, graph: { ...good.graph, output: [{ name: 'y' }, { name: 'z' }] } }, says: /has 2 outputs/ },
  'class names for another network': describedAs({ classNames: ['one'] }, /names 1 classes, but its network has 4/),
  'a normalisation by zero': describedAs({ normalization: { mean: [0, 0, 0], std: [0, 0, 0] } }, /normalisation does not fit/),
};

function describedAs(extra: object, says: RegExp): { readonly model: ModelProto; readonly says: RegExp } {
  const value = JSON.stringify({ name: 'a', input: [8, 8, 3], classes: 4, ...extra });
  return { model: { ...good, metadataProps: [{ key: 'precrop', value }] }, says };
}

for (const [name, { model, says }] of Object.entries(models)) {
  test(`refused: ${name}`, () => assert.match(refusal(encodeModel(model)), says));
}

test('the model that the hostile ones are made of is read', () => {
  assert.is(read(encodeModel(good))?.architecture.nodes.length, 2);
});

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))]);
const field = (id: number, bytes: ArrayLike<number>): number[] => [...varint(id * 8 + 2), ...varint(bytes.length), ...Array.from(bytes)];
const wires: Readonly<Record<string, Uint8Array>> = {
  'a length beyond the file': Uint8Array.from([...varint(7 * 8 + 2), ...varint(huge)]),
  'a graph that ends behind its file': Uint8Array.from([...varint(7 * 8 + 2), ...varint(1000), 0, 0]),
  'a tensor of 4 GB in a file of 20 bytes': Uint8Array.from(
    field(7, [...varint(5 * 8 + 2), 8, ...varint(9 * 8 + 2), ...varint(2 ** 32 - 1), 0]),
  ),
  'an integer without an end': new Uint8Array(1000).fill(255),
  'nested groups': new Uint8Array(1_000_000).fill(3 * 8 + 3),
  'nested messages': nest(200),
  'a million empty nodes': Uint8Array.from(
    field(
      7,
      Array.from({ length: 2_000_000 }, (_, index) => (index % 2 === 0 ? 10 : 0)),
    ),
  ),
  'a million extents': Uint8Array.from(field(7, field(5, field(1, new Uint8Array(1_000_000).fill(1))))),
  'a text': new TextEncoder().encode('<!doctype html><title>404</title>'.repeat(100)),
};

function nest(depth: number): Uint8Array {
  let bytes: number[] = [];
  for (let level = 0; level < depth; level++) bytes = field(7, bytes);
  return Uint8Array.from(bytes);
}

for (const [name, bytes] of Object.entries(wires)) {
  test(`refused: ${name}`, () => assert.match(refusal(bytes), /^(This|The) .*\.$/));
}

test('a file of many small parts takes no multiple of its size', () => {
  const bytes = wires['a million empty nodes'] as Uint8Array;
  const before = process.memoryUsage().heapUsed;
  refusal(bytes);
  assert.ok(process.memoryUsage().heapUsed - before < 20 * bytes.length, 'at least 60 bytes each, had they become objects');
});

const originals = await Promise.all(
  [createModel(createEveryOp()), createModel(createArchitecture('resnet-20-w4'))].map(async (model) => {
    const { files } = await exportModel({ ...model, metadata: { licence: 'MIT' } }, 'onnx', { fold: false });
    return files.values().next().value as Uint8Array;
  }),
);

for (const [name, mutate] of Object.entries(mutations)) {
  test(`a file ${name} is a model or is refused in a sentence, in time`, async () => {
    const rng = createRng(11).fork(name);
    let refused = 0;
    for (let round = 0; round < 60; round++) {
      const mutant = mutate(originals[round % 2] as Uint8Array, rng);
      const begun = performance.now();
      const error = await importModel({ format: 'onnx', files: new Map([['mutant.onnx', mutant]]) }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      const took = performance.now() - begun;
      assert.ok(took < longestMs, `round ${round} took ${took} ms`);
      if (error === undefined) continue;
      if (!(error instanceof ModelFileError)) throw new Error(`round ${round}: ${error}`, { cause: error });
      assert.match(error.message, /^[A-Z][\s\S]{10,1000}[.]$/, 'a sentence');
      refused++;
    }
    assert.ok(refused > 10, `only ${refused} of 60 were refused: the mutations do nothing`);
  });
}

function read(bytes: Uint8Array): ReturnType<NonNullable<typeof onnx.read>> | undefined {
  return onnx.read?.({ format: 'onnx', files: new Map([['model.onnx', bytes]]) });
}

/** What is said of a file that must be refused, at once. */
function refusal(bytes: Uint8Array): string {
  const begun = performance.now();
  try {
    read(bytes);
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw new Error(`${error}`, { cause: error });
    assert.ok(performance.now() - begun < longestMs, `took ${performance.now() - begun} ms`);
    assert.match(error.message, /[.]$/, 'a sentence');
    return error.message;
  }
  throw new Error('was not refused');
}

test.run();
