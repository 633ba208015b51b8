import { readFileSync } from 'node:fs';
import { createArchitecture, listArchitectures } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { toShapedNodes } from '@precrop/sdk/ir/shapes';
import { validateArchitecture } from '@precrop/sdk/ir/validate';
import { findWidthGroups, printWidthGroups } from '@precrop/sdk/ir/width-groups';
import { readWidths, withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const published = listArchitectures().flatMap(({ published }) => published);
const fewOfEach = [
  'resnet-20',
  'resnet-50',
  'vgg-11',
  'mobilenet-v1-x0.25',
  'mobilenet-v2-x1.0-cifar',
  'shufflenet-v1-g4',
  'shufflenet-v2-x0.5',
];

for (const name of ['resnet-20', 'mobilenet-v2-x1.0', 'shufflenet-v2-x1.0', 'shufflenet-v1-g3']) {
  test(`${name} has the groups of golden/width-groups/${name}.txt`, () => {
    const golden = readFileSync(new URL(`../../../golden/width-groups/${name}.txt`, import.meta.url), 'utf8');
    assert.fixture(`${printWidthGroups(findWidthGroups(createArchitecture(name)))}\n`, golden);
  });
}

test('every group has a writer, a width that keeps its own rule, and a name of its own without a number', () => {
  for (const name of published) {
    const { groups } = findWidthGroups(createArchitecture(name));
    assert.is(new Set(groups.map(({ name }) => name)).size, groups.length, name);
    for (const group of groups) {
      assert.ok(group.writers.length > 0, `${name}: ${group.name}`);
      assert.is(group.width % group.multipleOf, 0, `${name}: ${group.name}`);
      assert.not.match(group.name, /#/);
    }
  }
});

test('the groups of every node add up to its channels', () => {
  for (const name of published) {
    const architecture = createArchitecture(name);
    const { axes } = findWidthGroups(architecture);
    for (const { node, output } of toShapedNodes(architecture)) {
      assert.is(
        axes.get(node.id)?.reduce((sum, { channels }) => sum + channels, 0),
        output.at(-1),
        `${name}: ${node.id}`,
      );
    }
  }
});

test('random widths are valid and read back as they were', () => {
  for (const name of published) {
    const rng = createRng(3).fork(name);
    const architecture = createArchitecture(name);
    const { groups } = findWidthGroups(architecture);
    for (let trial = 0; trial < 3; trial++) {
      const widths = new Map(groups.map(({ name, width, multipleOf }) => [name, multipleOf * rng.integer(1, (2 * width) / multipleOf)]));
      const cropped = withWidths(architecture, widths);
      validateArchitecture(cropped);
      assert.equal([...readWidths(cropped)], [...widths], name);
    }
    assert.equal(withWidths(architecture, readWidths(architecture)), architecture);
  }
});

test('params and MACs grow with every width', () => {
  for (const name of fewOfEach) {
    const architecture = createArchitecture(name);
    const original = countArchitecture(architecture);
    for (const { name: group, width, multipleOf } of findWidthGroups(architecture).groups) {
      const wider = countArchitecture(withWidths(architecture, new Map([[group, width + multipleOf]])));
      assert.ok(wider.params > original.params && wider.macs > original.macs, `${name}: ${group}`);
    }
  }
});

test('no group is wider than it must be: where convolutions meet in a sum, changing one alone breaks the network', () => {
  for (const name of ['resnet-20', 'resnet-34', 'resnet-50-cifar', 'mobilenet-v2-x0.35', 'shufflenet-v1-g2']) {
    const architecture = createArchitecture(name);
    for (const { writers } of findWidthGroups(architecture).groups.filter(({ writers }) => writers.length > 1)) {
      for (const writer of writers)
        assert.throws(() => validateArchitecture(widened(architecture, writer)), /adds shapes/, `${name}: ${writer}`);
    }
  }
});

test('the halves of a ShuffleNetV2 stage keep one width', () => {
  const architecture = createArchitecture('shufflenet-v2-x1.0');
  const { axes } = findWidthGroups(architecture);
  for (const { id, op } of architecture.nodes) {
    const stage = id.split('.')[0] ?? '';
    if (op === 'channel-shuffle')
      assert.equal(
        axes.get(id)?.map(({ group }) => group),
        [stage, stage],
        id,
      );
    if (op === 'split')
      assert.equal(
        axes.get(id)?.map(({ group }) => group),
        [stage],
        id,
      );
  }
});

function widened(architecture: Architecture, id: string): Architecture {
  const nodes = architecture.nodes.map((node) =>
    node.id === id && node.op === 'conv' ? { ...node, outChannels: node.outChannels + 8 } : node,
  );
  return { ...architecture, nodes };
}

test.run();
