import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { ExportError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import type { ModelMetadata } from '@precrop/sdk/export/model';
import { exportModel, importModel } from '@precrop/sdk/export/registry';
import { toHelperName, toLayerName, toNodeId } from '@precrop/sdk/export/tfjs/layer-names';
import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../../support/every-op.js';
import { computeLogits, createImages, createModel } from '../../support/model-zoo.js';
import { allNear } from '../../support/near.js';
import { jsonOf, loadLayers, predict } from '../../support/tfjs-files.js';

const window = { kernel: [3, 3], strides: [2, 2], padding: [1, 0, 2, 1] } as const;

/** A network of these nodes, then pooling and a classifier. */
function createNetwork(nodes: readonly Node[], input: Architecture['input'] = [9, 8, 6]): Architecture {
  const head: readonly Node[] = [
    { id: 'pool', op: 'global-avg-pool', inputs: [nodes.at(-1)?.id ?? 'input'] },
    { id: 'fc', op: 'dense', inputs: ['pool'], outChannels: 3, bias: true },
  ];
  return { name: 'net', input, classes: 3, nodes: [...nodes, ...head], output: 'fc' };
}

const conv = (id: string, from: string, options: Partial<Extract<Node, { op: 'conv' }>> = {}): Node => {
  const usual = { outChannels: 6, kernel: [3, 3], strides: [1, 1], padding: 'same', groups: 1, bias: true } as const;
  return { id, op: 'conv', inputs: [from], ...usual, ...options };
};

const networks: Readonly<Record<string, Architecture>> = {
  'every op': createEveryOp(),
  'every op without padding': createEveryOp('valid'),
  'every op with odd pads': createEveryOp([0, 2, 1, 0], 'same'),
  'several filters a channel': createNetwork([conv('a', 'input', { outChannels: 12, groups: 6, ...window })]),
  'groups with odd pads and a bias': createNetwork([conv('a', 'input', { outChannels: 12, groups: 3, ...window })]),
  'pads that are those of "same"': createNetwork([conv('a', 'input', { ...window, padding: [1, 1, 0, 1] })]),
  'a padded max-pool after a relu': createNetwork([
    conv('a', 'input'),
    { id: 'relu', op: 'relu', inputs: ['a'] },
    { id: 'max', op: 'max-pool', inputs: ['relu'], ...window },
  ]),
  'a node read twice at once': createNetwork([
    { id: 'sum', op: 'add', inputs: ['input', 'input'] },
    { id: 'twice', op: 'concat', inputs: ['sum', 'input', 'sum'] },
  ]),
  ...Object.fromEntries(
    ['resnet-20-w4', 'mobilenet-v2-x0.35-cifar', 'shufflenet-v1-g3-x0.5-cifar', 'shufflenet-v2-x0.5-cifar'].map((name) => [
      name,
      createArchitecture(name),
    ]),
  ),
};

for (const [name, architecture] of Object.entries(networks)) {
  test(`${name}: tfjs-layers gives our logits, and reading gives the same file`, async () => {
    const model = createModel(architecture);
    const images = createImages(architecture, 2);
    const logits = await computeLogits(model, images);
    for (const fold of [true, false]) {
      const file = await exportModel(model, 'tfjs', { fold });
      const loaded = await loadLayers(file);
      assert.equal([loaded.inputNames, loaded.outputNames], [['images'], [architecture.output]]);
      allNear(predict(loaded, images), logits, 1e-4);
      loaded.dispose();
      const back = await importModel(file);
      assert.equal(await exportModel(back, 'tfjs', { fold: false }), file);
      allNear(await computeLogits(back, images), logits, 1e-5);
    }
  });
}

const oddIds = [
  'a/b',
  'constructor',
  '__proto__',
  'toString',
  'images',
  '-',
  '_x',
  'id//',
  './2f/',
  'a./2f/b',
  'x/pad',
  'x',
  'ünï 🐟',
  '\ud800',
  '.',
];

test('any id is a name that tfjs takes, and comes back', async () => {
  const rng = createRng(3);
  const letters = [...'ab/._-:é', './', '2f', 'id//'];
  const ids = [
    ...oddIds,
    ...Array.from({ length: 500 }, () => Array.from({ length: rng.integer(1, 8) }, () => letters[rng.integer(0, 10)]).join('')),
  ];
  for (const id of ids) {
    const name = toLayerName(id);
    assert.match(name, /^[A-Za-z0-9][-A-Za-z0-9_./]*$/, id);
    assert.not.ok(name in {} || name === 'images', id);
    assert.is(toNodeId(name), id);
    assert.is(toNodeId(toHelperName(name, 'pad')), toHelperName(name, 'pad'), 'a helper is no id that was written');
  }
  assert.is(new Set(ids.map(toLayerName)).size, new Set(ids).size);

  const nodes = oddIds.map((id, index) =>
    conv(id, oddIds[index - 1] ?? 'input', { padding: [1, 0, 1, 0], outChannels: 4, groups: index % 2 ? 2 : 1 }),
  );
  const model = createModel(createNetwork(nodes, [20, 20, 4]));
  const images = createImages(model.architecture, 1);
  const file = await exportModel(model, 'tfjs');
  allNear(predict(await loadLayers(file), images), await computeLogits(model, images), 1e-4);
  assert.equal((await importModel(file)).architecture, model.architecture);
});

test('nodes that the logits do not need are left out, with their weights', async () => {
  const architecture = createNetwork([conv('dead', 'input'), conv('alive', 'input')]);
  const file = await exportModel(createModel(architecture), 'tfjs');
  assert.equal(
    (await importModel(file)).architecture.nodes.map(({ id }) => id),
    ['alive', 'pool', 'fc'],
  );
  (await loadLayers(file)).dispose();
});

test('a split is a crop, a shuffle two reshapes and a permutation: no layer multiplies by zeros', async () => {
  const { modelTopology, weightsManifest } = jsonOf(await exportModel(createModel(createEveryOp()), 'tfjs'));
  const classes = new Map<string, string>(
    modelTopology.config.layers.map((layer: { name: string; class_name: string }) => [layer.name, layer.class_name]),
  );
  assert.equal(
    ['first', 'last', 'shuffle/deal', 'shuffle/turn', 'shuffle', 'grouped/group3/input', 'grouped/group3', 'grouped'].map((name) =>
      classes.get(name),
    ),
    ['Cropping2D', 'Cropping2D', 'Reshape', 'Permute', 'Reshape', 'Cropping2D', 'Conv2D', 'Concatenate'],
  );
  const layersWithWeights = new Set(weightsManifest[0].weights.map(({ name }: { name: string }) => name.split('/')[0]));
  for (const name of ['first', 'last', 'shuffle']) assert.not.ok(layersWithWeights.has(name));
});

test('the description is the metadata that tfjs hands to the page', async () => {
  const metadata: ModelMetadata = { classNames: ['cat', 'dog', 'fish'], normalization: { mean: [0.5], std: [0.25] }, licence: 'MIT' };
  const model = { ...createModel(createNetwork([conv('a', 'input')])), metadata };
  const loaded = await loadLayers(await exportModel(model, 'tfjs'));
  assert.equal(loaded.getUserDefinedMetadata(), { precrop: { name: 'net', input: [9, 8, 6], classes: 3, ...metadata } });
});

const refused: readonly (readonly [Node, RegExp])[] = [
  [{ id: 'max', op: 'max-pool', inputs: ['a'], ...window }, /node "max" \(max-pool\): the zeros of its padding, 1, 0, 2, 1 pixels/],
  [{ id: 'mean', op: 'avg-pool', inputs: ['a'], ...window }, /node "mean" \(avg-pool\): the zeros of its padding, 1, 0, 2, 1 pixels/],
];
for (const [node, words] of refused) {
  test(`a ${node.op} whose padding would count is refused`, async () => {
    const model = createModel(createNetwork([conv('a', 'input'), node]));
    await refuses(() => exportModel(model, 'tfjs'), words);
  });
}

test('a split of a vector is refused', async () => {
  const nodes: readonly Node[] = [
    { id: 'vector', op: 'global-avg-pool', inputs: ['input'] },
    { id: 'half', op: 'split', inputs: ['vector'], parts: 2, part: 1 },
  ];
  const model = createModel({ name: 'net', input: [4, 4, 6], classes: 3, nodes, output: 'half' });
  await refuses(() => exportModel(model, 'tfjs'), /node "half" \(split\): .* a vector/);
});

test('weights of another architecture are refused', async () => {
  const model = createModel(createNetwork([conv('a', 'input')]));
  const weights = new Map([...model.weights, ['a/kernel', new Float32Array(5)]]);
  await refuses(() => exportModel({ ...model, weights }, 'tfjs'), /5 values for "a\/kernel", which is \[3x3x6x6\]/);
});

async function refuses(run: () => Promise<unknown>, words: RegExp): Promise<void> {
  const error = await run().catch((reason: unknown) => reason);
  assert.instance(error, ExportError);
  assert.match((error as Error).message, words);
}

test.run();
