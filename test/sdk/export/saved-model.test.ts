import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { ModelFileError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import { foldBatchNorm } from '@precrop/sdk/export/fold';
import { savedModel } from '@precrop/sdk/export/saved-model/format';
import { parseSavedModel } from '@precrop/sdk/export/saved-model/parse-saved-model';
import { attr, encodeSavedModel, type NodeDef, type Signature } from '@precrop/sdk/graph-def/graph-proto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createModel } from '../../support/model-zoo.js';

const options = { float16: false, sparse: false, batch: 1 };
const model = foldBatchNorm(createModel(createArchitecture('resnet-20-w4')));
const file = savedModel.write({ ...model, metadata: { classNames: ['ä', 'b'], planHash: '123', licence: 'MIT' } }, options);
const graph = file.files.get('saved_model.pb') as Uint8Array;

for (const name of [
  'resnet-18-cifar',
  'vgg-11',
  'mobilenet-v1-x0.25',
  'mobilenet-v2-x0.35-cifar',
  'shufflenet-v1-g3-x0.5',
  'shufflenet-v2-x0.5',
]) {
  test(`${name}: the signature is that of the network, folded or not`, () => {
    const original = createModel(createArchitecture(name));
    for (const each of [original, foldBatchNorm(original)]) {
      const { input, classes } = parseSavedModel(savedModel.write(each, options).files.get('saved_model.pb') as Uint8Array);
      assert.equal(input, each.architecture.input);
      assert.is(classes, each.architecture.classes);
    }
  });
}

test('every weight is a constant of its own name, bit for bit, and there are no variables', () => {
  const text = Buffer.from(graph);
  for (const [name, { buffer, byteOffset, byteLength }] of model.weights) {
    assert.ok(text.includes(`${name}\x12\x05Const`), `there is a constant ${name}`); // field 2, the op, of five bytes
    assert.ok(text.includes(Buffer.from(buffer, byteOffset, byteLength)), `the values of ${name} are in the file`);
  }
  assert.not.ok(text.includes('VarHandleOp'));
  assert.equal([...file.files.keys()], ['saved_model.pb', 'assets.extra/precrop.json']);
});

test('node ids that TensorFlow does not take as names do no harm', () => {
  const odd = createModel({
    name: 'odd',
    input: [1, 1, 3],
    classes: 2,
    nodes: [
      { id: 'pool', op: 'global-avg-pool', inputs: ['input'] },
      { id: '/fc: ünïcode, 1', op: 'dense', inputs: ['pool'], outChannels: 2, bias: true },
    ],
    output: '/fc: ünïcode, 1',
  });
  const bytes = savedModel.write(odd, options).files.get('saved_model.pb') as Uint8Array;
  assert.is(parseSavedModel(bytes).classes, 2);
  assert.not.ok(Buffer.from(bytes).includes('ünïcode'));
});

test('the description comes back as it was written', () => {
  assert.equal(savedModel.readDescription(file), {
    name: model.architecture.name,
    input: [32, 32, 3],
    classes: 10,
    classNames: ['ä', 'b'],
    planHash: '123',
    licence: 'MIT',
  });
});

test("a folder without our description, or with one that is none, is another tool's", () => {
  for (const text of [undefined, '', '{', '[]', '{"name": 1}', '{"name":"a","input":[0,1,1],"classes":1}']) {
    const files = new Map([['saved_model.pb', graph]]);
    if (text !== undefined) files.set('assets.extra/precrop.json', new TextEncoder().encode(text));
    assert.is(savedModel.readDescription({ format: 'saved-model', files }), undefined);
  }
});

test('a folder without a graph, and a graph cut off anywhere, are refused', () => {
  refuses(() => savedModel.readDescription({ format: 'saved-model', files: new Map() }), /no saved_model\.pb/);
  const rng = createRng(3);
  for (let round = 0; round < 200; round++) refuses(() => parseSavedModel(graph.subarray(0, Math.floor(rng.uniform() * graph.length))));
});

const images = { name: 'images', op: 'Placeholder', input: [], attr: { dtype: attr.type('float32'), shape: attr.shape([-1, 1, 1, 2]) } };
const logits = node('logits', 'Reshape');
const signature: Signature = {
  inputs: { images: { tensor: 'images:0', shape: [-1, 1, 1, 2] } },
  outputs: { logits: { tensor: 'logits:0', shape: [-1, 2] } },
};

test('a graph of ops that do more than compute is refused with the name of the node and the op', () => {
  assert.equal(parseSavedModel(encode([images, logits])), { images: 'images:0', logits: 'logits:0', input: [1, 1, 2], classes: 2 });
  for (const op of ['WriteFile', 'ReadFile', 'PyFunc', 'VarHandleOp', 'StatefulPartitionedCall', 'Fill', '']) {
    refuses(() => parseSavedModel(encode([images, logits, node('evil', op)])), new RegExp(`node "evil" is a "${op}"`));
  }
  refuses(
    () => parseSavedModel(encode([images, logits, node('evil\n', 'No\nOp'.padEnd(1e5, '!'))])),
    /node "evil\\n" is a "No\\nOp!{75}…"/,
  );
});

test('a constant that claims more than the file holds is refused', () => {
  const shapes = [[1e5, 1e5], [2 ** 62], [3], [-3], [-1, -2], [0]];
  for (const shape of shapes) {
    const tensor = { dtype: 1, tensorShape: { dim: shape.map((size) => ({ size })) }, tensorContent: new Uint8Array(8) };
    refuses(() => parseSavedModel(encode([images, logits, node('big', 'Const', { value: { tensor } })])), /"big" claims/);
    const empty = { ...tensor, tensorContent: new Uint8Array() };
    if (shape[0] !== 0)
      refuses(() => parseSavedModel(encode([images, logits, node('big', 'Const', { value: { tensor: empty } })])), /"big" claims/);
  }
  const text = { dtype: 7, tensorShape: { dim: [{ size: 1e9 }] }, tensorContent: new Uint8Array() };
  refuses(() => parseSavedModel(encode([images, logits, node('big', 'Const', { value: { tensor: text } })])), /type 7/);
});

test('a signature that is absent, of other shapes, or names what the graph does not have is refused', () => {
  const { inputs, outputs } = signature;
  refuses(() => parseSavedModel(encodeSavedModel([images, logits])), /no signature "serving_default"/);
  const wrong: readonly Signature[] = [
    { inputs: {}, outputs },
    { inputs, outputs: {} },
    { inputs: { images: { tensor: 'images:0', shape: [1, 1, 1, 2] } }, outputs },
    { inputs: { images: { tensor: 'images:0', shape: [-1, -5, 1, 2] } }, outputs },
    { inputs: { images: { tensor: 'images:0', shape: [-1, 2] } }, outputs },
    { inputs, outputs: { logits: { tensor: 'logits:0', shape: [-1, 0] } } },
  ];
  for (const each of wrong) refuses(() => parseSavedModel(encode([images, logits], each)), /must take float32 "images"/);
  for (const tensor of ['other:0', 'logits', 'logits:-1', 'logits:99999', 'logits:0,images:0', '']) {
    const each = { inputs, outputs: { logits: { tensor, shape: [-1, 2] } } };
    refuses(() => parseSavedModel(encode([images, logits], each)), /which its graph does not have/);
  }
});

test('a second graph, functions, and groups nested without end are refused', () => {
  refuses(() => parseSavedModel(Buffer.concat([graph, graph])), /more than one graph/);
  // A meta graph (2) with a graph (2) with a function library (2) with a function (1), which is empty.
  refuses(() => parseSavedModel(Uint8Array.of(0x12, 6, 0x12, 4, 0x12, 2, 0x0a, 0)), /holds functions/);
  refuses(() => parseSavedModel(new Uint8Array(1e6).fill(0x0b)));
});

test('a million empty nodes are refused at the first', () => {
  const nodes = new Uint8Array(2e6);
  for (let at = 0; at < nodes.length; at += 2) nodes[at] = 0x0a;
  const wrap = (bytes: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of(0x12), toVarint(bytes.length), bytes]);
  refuses(() => parseSavedModel(wrap(wrap(nodes))), /node "" is a "",/);
});

test('bytes changed at random give an answer or a sentence, and nothing else', () => {
  const rng = createRng(11);
  const small = encode([images, logits, node('w', 'Const', { value: attr.tensor(Float32Array.of(1, 2), [2]) })]);
  let refused = 0;
  for (let round = 0; round < 600; round++) {
    const bytes = mutate(round % 2 === 0 ? small : graph, rng.uniform);
    const files = new Map([...file.files, ['saved_model.pb', bytes]]);
    try {
      assert.is(savedModel.readDescription({ format: 'saved-model', files })?.classes, 10);
    } catch (error) {
      assert.instance(error, ModelFileError);
      assert.match((error as Error).message, /^The SavedModel[^\n]*$/);
      refused++;
    }
  }
  assert.ok(refused > 200, `${refused} of 600 were refused`);
});

function node(name: string, op: string, attributes: NodeDef['attr'] = {}): NodeDef {
  return { name, op, input: [], attr: attributes };
}

function encode(nodes: readonly NodeDef[], serving: Signature = signature): Uint8Array {
  return encodeSavedModel(nodes, { serving_default: serving });
}

function refuses(work: () => unknown, pattern = /^The SavedModel/): void {
  try {
    work();
  } catch (error) {
    assert.instance(error, ModelFileError);
    assert.match((error as Error).message, pattern);
    return;
  }
  assert.unreachable('it was taken');
}

function toVarint(value: number): Uint8Array {
  return value < 128 ? Uint8Array.of(value) : Uint8Array.of((value & 127) | 128, ...toVarint(value >>> 7));
}

/** One to four bytes are changed, and now and then a piece is cut out or doubled. */
function mutate(bytes: Uint8Array, uniform: () => number): Uint8Array {
  const pick = (below: number): number => Math.floor(uniform() * below);
  const mutant = Uint8Array.from(bytes);
  // Most of a graph is weights, where a change is no mistake; its head and its tail are what says how to read it.
  for (let count = 1 + pick(4); count > 0; count--) {
    const at = pick(Math.min(mutant.length, 400));
    mutant[pick(2) === 0 ? at : mutant.length - 1 - at] = pick(256);
  }
  const [from, length] = [pick(mutant.length), pick(40)];
  if (pick(4) === 0) return Buffer.concat([mutant.subarray(0, from), mutant.subarray(from + length)]);
  if (pick(4) === 0) return Buffer.concat([mutant.subarray(0, from + length), mutant.subarray(from)]);
  return mutant;
}

test.run();
