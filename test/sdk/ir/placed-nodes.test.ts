import { createArchitecture, listArchitectures } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countNodes } from '@precrop/sdk/ir/count';
import { macsAt, numbersAt, paramsAt, placeNodes, toSetting } from '@precrop/sdk/ir/placed-nodes';
import { type Widths, withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawWidths } from '../../support/synthetic-profile.js';
import { add, batchNorm, concat, conv, depthwise, network, relu } from './networks.js';

/** What every node counts at other widths is what it counts in the network that has them. */
function check(architecture: Architecture, widths: Widths): void {
  const setting = toSetting(architecture, widths);
  const counts = countNodes(withWidths(architecture, widths));
  for (const [index, placed] of placeNodes(architecture).nodes.entries()) {
    const count = counts[index];
    assert.equal(
      [placed.node.id, paramsAt(placed, setting), macsAt(placed, setting), 4 * numbersAt(placed.output, setting)],
      [count?.node.id, count?.params, count?.macs, count?.activationBytes],
      architecture.name,
    );
  }
}

test('nodes of all families count at any widths what they count in a network of these widths', () => {
  for (const { published } of listArchitectures()) {
    const architecture = createArchitecture(published[0] as string);
    for (const draw of [0, 1, 2]) check(architecture, drawWidths(architecture, createRng(9).fork(architecture.name, draw)));
  }
});

test('so do biases, groups and several inputs, at odd widths', () => {
  const architecture = network([
    conv('a', 'input', 9, { bias: true }),
    batchNorm('a.bn', 'a'),
    relu('a.relu', 'a.bn'),
    conv('b', 'a.relu', 12, { kernel: 1, groups: 3, stride: 2, bias: true }),
    depthwise('c', 'b'),
    add('d', 'c', 'b'),
    concat('e', 'd', 'b', 'c'),
    conv('f', 'e', 5),
  ]);
  check(architecture, new Map());
  check(
    architecture,
    new Map([
      ['a', 15],
      ['b', 21],
      ['f', 1],
    ]),
  );
});

test('equal axes are one object, and a width that is not possible is refused', () => {
  const architecture = createArchitecture('resnet-20');
  const nodes = new Map(placeNodes(architecture).nodes.map((placed) => [placed.node.id, placed]));
  const [first, second] = ['stage1.block1.add', 'stage1.block2.add'].map((id) => nodes.get(id)?.output.axis);
  assert.ok(first);
  assert.is(first, second);
  assert.throws(() => toSetting(architecture, new Map([['stage1', 0]])), /must be a whole number of at least 1/);
  assert.throws(() => toSetting(architecture, new Map([['stage9', 8]])), /has no width group "stage9"/);
});

test.run();
