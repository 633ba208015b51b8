import { fuseActivations } from '@precrop/sdk/export/fused-activations';
import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const conv = (id: string, from: string): Node => ({
  id,
  op: 'conv',
  inputs: [from],
  outChannels: 4,
  kernel: [1, 1],
  strides: [1, 1],
  padding: 'valid',
  groups: 1,
  bias: true,
});
const network = (nodes: readonly Node[], output = nodes.at(-1)?.id ?? ''): Architecture => ({
  name: 'net',
  input: [4, 4, 3],
  classes: 4,
  nodes,
  output,
});
const takers = new Set<Node['op']>(['conv', 'add']);
const pairs = (architecture: Architecture): unknown => [...fuseActivations(architecture, takers)].map(([id, node]) => [id, node.id]);

test('an activation goes into the node before it', () => {
  const chain = [
    conv('a', 'input'),
    { id: 'b', op: 'relu6', inputs: ['a'] },
    conv('c', 'b'),
    { id: 'd', op: 'relu', inputs: ['c'] },
  ] as const;
  assert.equal(pairs(network(chain)), [
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('a node that another reads too, or that is the output, keeps its own value', () => {
  const nodes = [conv('a', 'input'), { id: 'b', op: 'relu', inputs: ['a'] }, { id: 'c', op: 'add', inputs: ['a', 'b'] }] as const;
  assert.equal(pairs(network(nodes)), []);
  assert.equal(pairs(network([conv('a', 'input'), { id: 'b', op: 'relu', inputs: ['a'] }], 'a')), []);
});

test('an op that cannot take it leaves it, as do the image and an activation', () => {
  const nodes = [
    { id: 'first', op: 'relu', inputs: ['input'] },
    { id: 'second', op: 'relu6', inputs: ['first'] },
    { id: 'pool', op: 'global-avg-pool', inputs: ['second'] },
    { id: 'last', op: 'relu', inputs: ['pool'] },
  ] as const;
  assert.equal(pairs(network(nodes)), []);
});

test.run();
