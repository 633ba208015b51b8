import { ModelFileError } from '@precrop/sdk/core/errors';
import { createRng, type Rng } from '@precrop/sdk/core/rng';
import type { ModelFile } from '@precrop/sdk/export/format';
import { exportModel, importModel } from '@precrop/sdk/export/registry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../../support/every-op.js';
import { createModel } from '../../support/model-zoo.js';
import { jsonOf, withJson } from '../../support/tfjs-files.js';

const weightsFile = 'group1-shard1of1.bin';
const file = await exportModel(createModel(createEveryOp([0, 2, 1, 0], 'same')), 'tfjs', { fold: false });

// biome-ignore lint/suspicious/noExplicitAny: it is about to be broken
type Json = any;

function layerOf(json: Json, name: string): Json {
  return json.modelTopology.config.layers.find((layer: Json) => layer.name === name);
}

function changed(change: (json: Json) => void): ModelFile {
  const json = jsonOf(file);
  change(json);
  return withJson(file, json);
}

function text(json: string): ModelFile {
  return { ...file, files: new Map([...file.files, ['model.json', new TextEncoder().encode(json)]]) };
}

function without(path: string): ModelFile {
  return { ...file, files: new Map([...file.files].filter(([name]) => name !== path)) };
}

const nested = (open: string, close: string): string => `${open.repeat(300_000)}1${close.repeat(300_000)}`;

const hostile: readonly (readonly [string, ModelFile, RegExp])[] = [
  ['no model.json', without('model.json'), /There is no model\.json/],
  ['no JSON', text('{"modelTopology":'), /is no JSON/],
  ['no text', { ...file, files: new Map([['model.json', Uint8Array.of(0xff, 0xfe, 0)]]) }, /is no JSON/],
  ['more JSON than any network has', text(' '.repeat(4_000_001)), /has 4000001 bytes/],
  ['null', text('null'), /model\.json cannot be imported/],
  ['a graph model', changed((json) => Object.assign(json, { format: 'graph-model' })), /only a layers-model.*there is "graph-model"/],
  ['missing weights', without(weightsFile), /The file "group1-shard1of1\.bin", which holds weights, is missing/],
  [
    'a path out of the folder',
    changed((json) => Object.assign(json.weightsManifest[0], { paths: ['../../etc/passwd'] })),
    /"\.\.\/\.\.\/etc\/passwd", which holds weights, is missing/,
  ],
  [
    'truncated weights',
    { ...file, files: new Map([...file.files, [weightsFile, (file.files.get(weightsFile) as Uint8Array).subarray(8)]]) },
    /The weights take \d+ bytes, but "group1-shard1of1\.bin" holds \d+/,
  ],
  [
    'one file a thousand times',
    changed((json) => Object.assign(json.weightsManifest[0], { paths: Array<string>(1000).fill(weightsFile) })),
    /is listed twice/,
  ],
  [
    'a claim of 10 GB',
    changed((json) => Object.assign(json.weightsManifest[0].weights[0], { shape: [50_000, 50_000] })),
    /The weights take 1000\d+ bytes, but/,
  ],
  [
    'a claim beyond all numbers',
    changed((json) => Object.assign(json.weightsManifest[0].weights[0], { shape: [2 ** 50, 2 ** 50] })),
    /too many values/,
  ],
  [
    'a negative shape',
    changed((json) => json.weightsManifest[0].weights[0].shape.splice(0, 1, -3)),
    /weightsManifest\.0\.weights\.0\.shape\.0/,
  ],
  [
    'quantized weights',
    changed((json) => Object.assign(json.weightsManifest[0].weights[0], { quantization: { dtype: 'uint8', scale: 1, min: 0 } })),
    /not quantized.*quantization", but there is an object/,
  ],
  [
    'other types of weights',
    changed((json) => Object.assign(json.weightsManifest[0].weights[0], { dtype: 'int32' })),
    /only float32.*"int32"/,
  ],
  [
    'a weight twice',
    changed((json) => Object.assign(json.weightsManifest[0].weights[1], { name: 'wide/kernel' })),
    /Two weights are called "wide\/kernel"/,
  ],
  ['a weight of no layer', changed((json) => Object.assign(json.weightsManifest[0].weights[0], { name: 'x' })), /no weight "wide\/kernel"/],
  [
    'a weight of another shape',
    changed((json) => json.weightsManifest[0].weights[0].shape.reverse()),
    /The weight "wide\/kernel" is \[8x3x2x3\], but its layer needs \[3x2x3x8\]/,
  ],
  [
    'a list of a million wrong weights',
    changed((json) => Object.assign(json.weightsManifest[0], { weights: Array<number>(1_000_000).fill(1) })),
    /weightsManifest\.0\.weights", but there is a list of 1000000/,
  ],
  [
    'layers in a circle',
    changed((json) => Object.assign(layerOf(json, 'wide'), { inbound_nodes: [[['sum', 0, 0, {}]]] })),
    /reads its own output/,
  ],
  [
    'a layer that reads itself',
    changed((json) => Object.assign(layerOf(json, 'wide'), { inbound_nodes: [[['wide', 0, 0]]] })),
    /reads its own output/,
  ],
  [
    'a layer that reads nothing',
    changed((json) => Object.assign(layerOf(json, 'wide'), { inbound_nodes: [] })),
    /Layer "wide", a Conv2D, reads nothing/,
  ],
  [
    'a layer that reads none that is there',
    changed((json) => Object.assign(layerOf(json, 'wide'), { inbound_nodes: [[['__proto__', 0, 0]]] })),
    /reads "__proto__", which is no layer/,
  ],
  ['two layers of one name', changed((json) => Object.assign(layerOf(json, 'norm'), { name: 'wide' })), /Two layers are called "wide"/],
  ['no layers', changed((json) => Object.assign(json.modelTopology.config, { layers: [] })), /has 0 inputs/],
  ['two inputs', changed((json) => json.modelTopology.config.layers.push({ ...layerOf(json, 'images'), name: 'more' })), /has 2 inputs/],
  [
    'an output that is not there',
    changed((json) => Object.assign(json.modelTopology.config, { output_layers: [['toString', 0, 0]] })),
    /The output "toString" is no layer/,
  ],
  [
    'a negative image',
    changed((json) => Object.assign(layerOf(json, 'images').config, { batch_input_shape: [null, -1, 9, 3] })),
    /Layer "images", an? InputLayer, cannot be imported/,
  ],
  [
    'an image larger than numbers',
    changed((json) => Object.assign(layerOf(json, 'images').config, { batch_input_shape: [null, 2 ** 50, 2 ** 50, 3] })),
    /more than any network/,
  ],
  [
    'a class that objects have',
    changed((json) => Object.assign(layerOf(json, 'relu'), { class_name: 'constructor' })),
    /Layer "relu", a constructor, cannot/,
  ],
  [
    'half a shuffle',
    changed((json) => Object.assign(layerOf(json, 'shuffle'), { class_name: 'ReLU' })),
    /Layer "shuffle", a ReLU, reads a permuted image/,
  ],
  [
    'a million parts',
    changed((json) => {
      Object.assign(layerOf(json, 'images').config, { batch_input_shape: [null, 1, 1, 1_000_000] });
      const config = { cropping: [[0, 0], [5, 999_994]], data_format: 'channels_first' }; // biome-ignore format: one pair a side
      json.modelTopology.config.layers.splice(1, 0, { name: 'run', class_name: 'Cropping2D', config, inbound_nodes: [[['images', 0, 0]]] });
    }),
    /Layer "run", a Cropping2D, crops 5 and 999994 of 1000000 channels/,
  ],
  [
    'sums of a hundred thousand values',
    changed((json) => {
      const inbound_nodes = [Array<unknown>(200).fill(['images', 0, 0])];
      const sums = Array.from({ length: 500 }, (_, index) => ({ name: `sum${index}`, class_name: 'Add', config: {}, inbound_nodes }));
      json.modelTopology.config.layers.push(...sums);
    }),
    /more than 20000 nodes/,
  ],
  ['deep lists', text(nested('[', ']')), /model\.json cannot be imported/],
  ['a deep topology', text(`{"modelTopology":${nested('{"a":', '}')},"weightsManifest":[]}`), /The model cannot be imported/],
  [
    '__proto__ in the place of layers',
    text('{"modelTopology":{"class_name":"Model","__proto__":{"config":{"layers":[]}}},"weightsManifest":[]}'),
    /The model cannot be imported/,
  ],
];

for (const [name, broken, words] of hostile) {
  test(`${name}: refused in a sentence`, async () => {
    const error = await importModel(broken).catch((reason: unknown) => reason);
    assert.instance(error, ModelFileError);
    assert.match((error as Error).message, words);
    assert.match((error as Error).message, /^[A-Z].*\.$/s);
  });
}

test('a deep description is none of ours, and the model is read', async () => {
  const json = JSON.stringify(jsonOf(file)).replace(
    /"userDefinedMetadata":\{.*?\}\}/,
    `"userDefinedMetadata":{"precrop":${nested('[', ']')}}`,
  );
  assert.equal((await importModel(text(json))).metadata, {});
});

test('a chain of twenty thousand layers that stand in reverse is read', async () => {
  const chain = Array.from({ length: 19_000 }, (_, index) => ({
    name: `d${index}`,
    class_name: 'Dropout',
    config: {},
    inbound_nodes: [[[index ? `d${index - 1}` : 'classes', 0, 0]]],
  }));
  const broken = changed(({ modelTopology: { config } }) => {
    config.layers.unshift(...chain.reverse());
    config.output_layers = [['d18999', 0, 0]];
  });
  assert.is((await importModel(broken)).architecture.output, 'classes');
});

test('whatever a value is replaced by, there is a model or a sentence', async () => {
  const rng = createRng(11);
  const outcomes = { model: 0, refused: 0 };
  for (let mutant = 0; mutant < 600; mutant++) {
    const own = rng.fork(mutant);
    const broken = mutant % 3 === 0 ? mutateBytes(own) : changed((json) => mutate(json, own));
    try {
      await importModel(broken);
      outcomes.model++;
    } catch (error) {
      assert.instance(error, ModelFileError, `mutant ${mutant}: ${(error as Error).stack}`);
      assert.match((error as Error).message, /^[A-Z"].*\.$/s, `mutant ${mutant}`);
      outcomes.refused++;
    }
  }
  assert.ok(outcomes.refused > 200, `${outcomes.refused} are refused`);
  assert.ok(outcomes.model > 20, `${outcomes.model} are still models`);
});

const odd: readonly unknown[] = [
  null,
  true,
  false,
  -1,
  0,
  1,
  2,
  0.5,
  1e9,
  2 ** 53,
  1e308,
  '',
  'input',
  'images',
  'relu',
  'same',
  'valid',
  'softmax',
  'channels_first',
  '__proto__',
  'Conv2D',
  'Flatten',
  'Reshape',
  [],
  [1, 1],
  [[]],
  {},
  { __proto__: null, name: 'wide' },
];

/** Replaces, removes, doubles or swaps values somewhere in the JSON. */
function mutate(json: Json, rng: Rng): void {
  for (let change = rng.integer(1, 3); change > 0; change--) {
    const places: [Json, string][] = [];
    const collect = (at: Json): void => {
      for (const key of Object.keys(at)) {
        places.push([at, key]);
        if (at[key] !== null && typeof at[key] === 'object') collect(at[key]);
      }
    };
    collect(json);
    const [at, key] = places[rng.integer(0, places.length - 1)] as [Json, string];
    const [other, otherKey] = places[rng.integer(0, places.length - 1)] as [Json, string];
    const kinds = [
      () => Object.assign(at, { [key]: structuredClone(odd[rng.integer(0, odd.length - 1)]) }),
      () => (Array.isArray(at) ? at.splice(Number(key), 1) : delete at[key]),
      () => Array.isArray(at) && at.splice(Number(key), 0, structuredClone(at[Number(key)])),
      () => Object.assign(at, { [key]: structuredClone(other[otherKey]) }),
      () => typeof at[key] === 'number' && Object.assign(at, { [key]: at[key] + rng.integer(-2, 2) }),
    ];
    kinds[rng.integer(0, kinds.length - 1)]?.();
  }
}

/** Cuts a file or changes some of its bytes. */
function mutateBytes(rng: Rng): ModelFile {
  const path = rng.uniform() < 0.8 ? 'model.json' : weightsFile;
  const bytes = (file.files.get(path) as Uint8Array).slice();
  for (let change = rng.integer(0, 4); change > 0; change--) bytes[rng.integer(0, bytes.length - 1)] = rng.integer(0x20, 0x7f);
  const kept = rng.uniform() < 0.2 ? bytes.subarray(0, rng.integer(0, bytes.length)) : bytes;
  return { ...file, files: new Map([...file.files, [path, kept]]) };
}

test.run();
