import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import { validateArchitecture } from '@precrop/sdk/ir/validate';
import { findWidthGroups, printWidthGroups } from '@precrop/sdk/ir/width-groups';
import { readWidths, withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { add, batchNorm, concat, conv, depthwise, maxPool, network, relu, shuffle, split } from './networks.js';

/** A topology, and the groups it must have, a line each. */
const topologies: Readonly<Record<string, readonly [readonly Node[], readonly string[]]>> = {
  chain: [
    [conv('a', 'input', 4), batchNorm('a.bn', 'a'), relu('a.relu', 'a.bn'), conv('b', 'a.relu', 6)],
    ['a 4 ← a', 'b 6 ← b'],
  ],
  residual: [
    [conv('stem', 'input', 4, { group: 'stage1' }), conv('a', 'stem', 6), conv('b', 'a', 4, { group: 'stage1' }), add('sum', 'stem', 'b')],
    ['stage1 4 ← stem, b', 'a 6 ← a'],
  ],
  'bottleneck with projection': [
    [
      conv('stem', 'input', 4),
      conv('a', 'stem', 2),
      conv('b', 'a', 2),
      conv('c', 'b', 8),
      conv('project', 'stem', 8),
      add('sum', 'project', 'c'),
    ],
    ['stem 4 ← stem', 'a 2 ← a', 'b 2 ← b', 'project 8 ← c, project'],
  ],
  'depthwise and pool': [
    [conv('a', 'input', 4), depthwise('b', 'a', { stride: 2 }), maxPool('pool', 'b', { kernel: 2, stride: 2 }), conv('c', 'pool', 5)],
    ['a 4 ← a', 'c 5 ← c'],
  ],
  concat: [
    [conv('a', 'input', 4), conv('b', 'input', 6), concat('both', 'a', 'b'), conv('c', 'both', 5)],
    ['a 4 ← a', 'b 6 ← b', 'c 5 ← c'],
  ],
  'concat, then add': [
    [conv('a', 'input', 4), conv('b', 'input', 6), concat('both', 'a', 'b'), conv('c', 'both', 10), add('sum', 'both', 'c')],
    ['a 4 ← a, c', 'b 6 ← b, c'],
  ],
  'concats cut at different places, then add': [
    [
      conv('a', 'input', 4),
      conv('b', 'input', 6),
      concat('ab', 'a', 'b'),
      conv('c', 'input', 7),
      conv('d', 'input', 3),
      concat('cd', 'c', 'd'),
      add('sum', 'ab', 'cd'),
    ],
    ['a 4 ← a, c', 'b 3 ← b, c', 'b#2 3 ← b, d'],
  ],
  'split in halves': [
    [conv('a', 'input', 8), split('left', 'a', 2, 0), split('right', 'a', 2, 1), conv('b', 'right', 5), concat('both', 'left', 'b')],
    ['a 4 ← a', 'b 5 ← b'],
  ],
  'concat, shuffle and split': [
    [
      conv('a', 'input', 4),
      conv('b', 'input', 4),
      concat('both', 'a', 'b'),
      shuffle('mix', 'both', 2),
      split('left', 'mix', 2, 0),
      split('right', 'mix', 2, 1),
      conv('c', 'right', 4),
      concat('again', 'left', 'c'),
      shuffle('mix2', 'again', 2),
    ],
    ['a 4 ← a, b, c'],
  ],
  'grouped convolutions and shuffle': [
    [conv('a', 'input', 8), conv('b', 'a', 12, { groups: 4 }), shuffle('mix', 'b', 3), conv('c', 'mix', 6, { groups: 2 })],
    ['a 8 (multiple of 4) ← a', 'b 12 (multiple of 12) ← b', 'c 6 (multiple of 2) ← c'],
  ],
  'groups over a concat': [
    [conv('a', 'input', 4), conv('b', 'input', 6), concat('both', 'a', 'b'), conv('c', 'both', 2, { groups: 2 })],
    ['a 4 (multiple of 2) ← a', 'b 6 (multiple of 2) ← b', 'c 2 (multiple of 2) ← c'],
  ],
  'groups over equal halves: half the multiple is enough': [
    [conv('a', 'input', 12), split('left', 'a', 2, 0), conv('b', 'a', 4, { groups: 4 }), conv('c', 'left', 5)],
    ['a 6 (multiple of 2) ← a', 'b 4 (multiple of 4) ← b', 'c 5 ← c'],
  ],
  'groups that fit the sum of two widths alone: both stay': [
    [conv('a', 'input', 3), conv('b', 'input', 5), concat('both', 'a', 'b'), conv('c', 'both', 8, { groups: 8 })],
    ['c 8 (multiple of 8) ← c'],
  ],
  'sum with the image: the width stays': [[conv('a', 'input', 5), conv('b', 'a', 3), add('sum', 'input', 'b')], ['a 5 ← a']],
};

for (const [name, [nodes, groups]] of Object.entries(topologies)) {
  test(name, () => {
    const architecture = network(nodes);
    validateArchitecture(architecture);
    assert.is(printWidthGroups(findWidthGroups(architecture)), groups.join('\n'));
  });
  test(`${name}: every other width is valid, and read back`, () => {
    for (const factor of [1, 2, 3]) checkWidths(network(nodes), factor);
  });
}

test('the axes of every node add up to its channels', () => {
  const grouped = findWidthGroups(network(topologies['concat, then add']?.[0] ?? []));
  assert.equal(grouped.axes.get('sum'), [
    { group: 'a', channels: 4 },
    { group: 'b', channels: 6 },
  ]);
  assert.equal(grouped.axes.get('input'), [{ group: undefined, channels: 3 }]);
  assert.equal(grouped.axes.get('head.fc'), [{ group: undefined, channels: 10 }]);
});

/** Each group gets its own number of multiples, so that groups that should have been one clash. */
function checkWidths(architecture: Architecture, factor: number): void {
  const { groups } = findWidthGroups(architecture);
  const widths = new Map(groups.map(({ name, multipleOf }, index) => [name, multipleOf * (factor + index)]));
  const cropped = withWidths(architecture, widths);
  validateArchitecture(cropped);
  assert.equal([...readWidths(cropped)], [...widths]);
}

test.run();
