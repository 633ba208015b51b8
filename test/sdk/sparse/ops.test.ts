import { createRng } from '@precrop/sdk/core/rng';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Model } from '@precrop/sdk/export/model';
import { exportModel } from '@precrop/sdk/export/registry';
import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import type { Padding } from '@precrop/sdk/ir/geometry';
import { toShapedNodes } from '@precrop/sdk/ir/shapes';
import { applyMasks } from '@precrop/sdk/mask/masks';
import { drawMasks } from '@precrop/sdk/mask/realise';
import { selectRuntime } from '@precrop/sdk/runtimes/registry';
import { test } from 'uvu';
import { createImages, createModel } from '../../support/model-zoo.js';
import { allNear } from '../../support/near.js';

const { runtime: dense } = await selectRuntime('onnxruntime/cpu');
const { runtime: sparse } = await selectRuntime('sparse-wasm');

type Pair = readonly [number, number];

const conv = (id: string, input: string, outChannels: number, kernel: Pair, strides: Pair, padding: Padding, groups = 1): Node => ({
  ...{ id, op: 'conv', inputs: [input], outChannels, kernel, strides, padding, groups },
  bias: true,
});

/** The nodes, and behind them a number a class in which every pixel of the last node counts: the mean alone would not see where it is. */
function toClassifier(name: string, input: readonly [number, number, number], nodes: readonly Node[]): Architecture {
  const body = { name, input, classes: 5, nodes, output: nodes.at(-1)?.id ?? 'input' };
  const [height = 1, width = 1] = toShapedNodes(body).at(-1)?.output ?? input;
  const head: readonly Node[] = [
    conv('head', body.output, 5, [height, width], [1, 1], 'valid'),
    { id: 'logits', op: 'global-avg-pool', inputs: ['head'] },
  ];
  return { ...body, nodes: [...nodes, ...head], output: 'logits' };
}

/** The model with zeros at random; the last convolution is left whole, so that it sees all. */
function prune(model: Model, density: number): Model {
  const layers = findPrunableLayers(model.architecture);
  const masks = drawMasks(layers, new Map(layers.map(({ id }) => [id, id === 'head' ? 1 : density])), createRng(7));
  return { ...model, weights: applyMasks(model.weights, masks) };
}

async function assertEqualRuns(
  architecture: Architecture,
  density: number,
  batches: readonly number[],
  threads: readonly number[] = [1],
): Promise<void> {
  const model = prune(createModel(architecture, 4), density);
  const file = await exportModel(model, 'onnx');
  const expected = await dense.load(file, { threads: 1 });
  const others = await Promise.all(threads.map((count) => sparse.load(file, { threads: count })));
  for (const batch of batches) {
    const images = createImages(architecture, batch);
    const logits = await expected.infer(images);
    for (const session of others) allNear(await session.infer(images), logits, 1e-4);
  }
  await Promise.all([expected, ...others].map((session) => session.dispose()));
}

const sizes: readonly (readonly [number, number, number])[] = [
  [7, 7, 5],
  [33, 17, 4],
  [8, 8, 6],
  [2, 3, 3],
  [16, 30, 2],
];
const windows: readonly { readonly kernel: Pair; readonly padding: Padding }[] = [
  { kernel: [1, 1], padding: 'valid' },
  { kernel: [3, 3], padding: 'same' },
  { kernel: [2, 3], padding: 'valid' },
  { kernel: [3, 3], padding: [0, 2, 1, 0] },
  { kernel: [5, 4], padding: [3, 4, 0, 2] },
];
const strides: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [2, 1],
  [1, 3],
];

for (const input of sizes) {
  for (const { kernel, padding } of windows) {
    const name = `${kernel.join('x')}, padding ${padding} on ${input.join('x')}`;
    test(`convolution ${name}, every stride, density and batch`, async () => {
      for (const stride of strides) {
        const nodes = [conv('first', 'input', 9, kernel, stride, padding), { id: 'relu', op: 'relu', inputs: ['first'] } as const];
        await assertEqualRuns(toClassifier(name, input, nodes), 0.2, [1, 3, 8], stride === strides[1] ? [1, 2] : [1]);
      }
      await assertEqualRuns(toClassifier(name, input, [conv('first', 'input', 3, kernel, [1, 1], padding)]), 0, [1, 4]);
      await assertEqualRuns(toClassifier(name, input, [conv('first', 'input', 3, kernel, [1, 1], padding)]), 1, [1, 5]);
    });
  }
  test(`depthwise and grouped convolutions on ${input.join('x')}`, async () => {
    for (const stride of strides) {
      const nodes: readonly Node[] = [
        conv('wide', 'input', 12, [1, 1], [1, 1], 'valid'),
        { id: 'depthwise', op: 'depthwise-conv', inputs: ['wide'], kernel: [3, 3], strides: stride, padding: 'same', bias: true },
        { id: 'relu6', op: 'relu6', inputs: ['depthwise'] },
        conv('grouped', 'relu6', 8, [3, 3], [1, 1], 'same', 4),
      ];
      await assertEqualRuns(toClassifier('depthwise', input, nodes), 0.5, [1, 3, 8], stride === strides[0] ? [1, 2] : [1]);
    }
  });
  test(`pools on ${input.join('x')}: padding never wins and is not counted`, async () => {
    for (const op of ['max-pool', 'avg-pool'] as const) {
      for (const stride of strides) {
        for (const padding of ['same', [1, 0, 0, 1]] as const) {
          // Values below zero, so that a zero beside the image would win.
          const nodes: readonly Node[] = [
            conv('first', 'input', 6, [1, 1], [1, 1], 'valid'),
            { id: 'pool', op, inputs: ['first'], kernel: [2, 3], strides: stride, padding },
            conv('last', 'pool', 4, [3, 3], [1, 1], 'same'),
          ];
          await assertEqualRuns(toClassifier(op, input, nodes), 0.6, [1, 3], stride === strides[0] ? [1, 2] : [1]);
        }
      }
    }
  });
}

test('a window as large as the image: bands must hold what all of them read', async () => {
  const pooled: Node = { id: 'pool', op: 'avg-pool', inputs: ['first'], kernel: [5, 7], strides: [1, 1], padding: 'valid' };
  await assertEqualRuns(toClassifier('large', [14, 7, 3], [conv('first', 'input', 4, [3, 3], [2, 1], 'same'), pooled]), 0.5, [1, 3]);
  for (const height of [4, 5, 9, 13]) {
    const nodes = [conv('first', 'input', 4, [height - 1, 3], [1, 1], 'valid'), conv('second', 'first', 4, [2, 1], [2, 1], [1, 1, 0, 0])];
    await assertEqualRuns(toClassifier('tall', [height, 9, 3], nodes), 0.5, [1, 2, 7]);
  }
});

test('sums of all kinds: of two convolutions, of one with itself, of the image, with an activation and without', async () => {
  const input = [9, 11, 4] as const;
  const first = conv('first', 'input', 4, [3, 3], [1, 1], 'same');
  const second = conv('second', 'input', 4, [1, 1], [1, 1], 'same');
  const relu: Node = { id: 'relu', op: 'relu', inputs: ['sum'] };
  const pairs = [
    ['first', 'second'],
    ['second', 'first'],
    ['first', 'first'],
    ['first', 'input'],
    ['input', 'input'],
  ] as const;
  for (const inputs of pairs) {
    const sum: Node = { id: 'sum', op: 'add', inputs };
    const again: Node = { id: 'again', op: 'add', inputs: ['relu', 'sum'] };
    for (const nodes of [[sum], [sum, relu], [sum, relu, again]])
      await assertEqualRuns(toClassifier('sum', input, [first, second, ...nodes]), 0.4, [1, 3]);
  }
});

test('splits, shuffles and concatenations of concatenations, and a value that both a pool and a convolution read', async () => {
  const nodes: readonly Node[] = [
    conv('first', 'input', 6, [3, 3], [1, 1], 'same'),
    conv('second', 'input', 6, [3, 3], [1, 1], 'same'),
    { id: 'joined', op: 'concat', inputs: ['first', 'second', 'input', 'first'] },
    { id: 'shuffled', op: 'channel-shuffle', inputs: ['joined'], groups: 3 },
    { id: 'part', op: 'split', inputs: ['shuffled'], parts: 3, part: 1 },
    { id: 'norm', op: 'batch-norm', inputs: ['part'], epsilon: 1e-3, momentum: 0.9 },
    { id: 'pool', op: 'max-pool', inputs: ['norm'], kernel: [3, 3], strides: [1, 1], padding: 'same' },
    conv('third', 'norm', 4, [3, 3], [1, 1], 'same'),
    { id: 'end', op: 'concat', inputs: ['pool', 'third', 'shuffled'] },
  ];
  await assertEqualRuns(toClassifier('views', [10, 6, 3], nodes), 0.5, [1, 3, 8], [1, 2]);
});

test.run();
