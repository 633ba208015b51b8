import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import { countArchitecture, countNodes } from '@precrop/sdk/ir/count';
import { toShapedNodes } from '@precrop/sdk/ir/shapes';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { add, batchNorm, concat, conv, depthwise, maxPool, network, relu, shuffle, split } from './networks.js';

const all: Architecture = network(
  [
    conv('a', 'input', 8, { bias: true }),
    batchNorm('a.bn', 'a'),
    relu('a.relu', 'a.bn'),
    conv('b', 'a.relu', 12, { kernel: 1, groups: 4, stride: 2 }),
    depthwise('c', 'b', { kernel: 5 }),
    add('d', 'c', 'b'),
    concat('e', 'd', 'c'),
    shuffle('f', 'e', 3),
    split('g', 'f', 4, 1),
    maxPool('h', 'g', { kernel: 3, stride: 2 }),
  ],
  [9, 7, 3],
);

/** [output shape, params, prunable, macs], worked out by hand. */
const expected: Readonly<Record<string, readonly [readonly number[], number, number, number]>> = {
  a: [[9, 7, 8], 3 * 3 * 3 * 8 + 8, 216, 9 * 7 * 216],
  'a.bn': [[9, 7, 8], 16, 0, 0],
  'a.relu': [[9, 7, 8], 0, 0, 0],
  b: [[5, 4, 12], 2 * 12, 24, 5 * 4 * 24],
  c: [[5, 4, 12], 25 * 12, 300, 5 * 4 * 300],
  d: [[5, 4, 12], 0, 0, 0],
  e: [[5, 4, 24], 0, 0, 0],
  f: [[5, 4, 24], 0, 0, 0],
  g: [[5, 4, 6], 0, 0, 0],
  h: [[3, 2, 6], 0, 0, 0],
  'head.pool': [[6], 0, 0, 0],
  'head.fc': [[10], 70, 60, 60],
};

test('every op: shape, params, prunable weights, MACs, activation bytes', () => {
  for (const { node, outputShape, params, prunable, macs, activationBytes } of countNodes(all)) {
    assert.equal([outputShape, params, prunable, macs], expected[node.id], node.id);
    assert.is(activationBytes, 4 * outputShape.reduce((product, extent) => product * extent));
  }
});

test('the whole is the sum of its nodes', () => {
  const total = countArchitecture(all);
  const sum = (of: (row: (typeof expected)[string]) => number): number => Object.values(expected).reduce((sum, row) => sum + of(row), 0);
  assert.is(
    total.params,
    sum(([, params]) => params),
  );
  assert.is(
    total.prunable,
    sum(([, , prunable]) => prunable),
  );
  assert.is(
    total.macs,
    sum(([, , , macs]) => macs),
  );
  assert.is(total.activationBytes, 4 * sum(([shape]) => shape.reduce((product, extent) => product * extent)));
});

test('groups divide the weights and the work', () => {
  const count = (groups: number) => countArchitecture(network([conv('a', 'input', 24, { groups })], [8, 8, 24]));
  for (const groups of [2, 3, 4, 24]) {
    assert.is(count(groups).prunable - 240, (count(1).prunable - 240) / groups);
    assert.is(count(groups).macs - 240, (count(1).macs - 240) / groups);
  }
});

test('a depthwise convolution is a convolution with a group a channel', () => {
  const [one, other] = [[depthwise('a', 'input', { stride: 2 })], [conv('a', 'input', 24, { groups: 24, stride: 2 })]].map(
    (nodes: Node[]) => countArchitecture(network(nodes, [9, 9, 24])),
  );
  assert.equal(one, other);
});

test('parts of a split put together again have the input shape', () => {
  const parts = [0, 1, 2].map((part) => split(`part${part}`, 'input', 3, part));
  const shapes = toShapedNodes(network([...parts, concat('whole', 'part0', 'part1', 'part2')], [4, 5, 6]));
  assert.equal(shapes.find(({ node }) => node.id === 'whole')?.output, [4, 5, 6]);
});

test.run();
