import { ArchitectureError } from '@precrop/sdk/core/errors';
import { readWidths, withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { add, conv, network } from './networks.js';

const net = network([conv('a', 'input', 8), conv('b', 'a', 8, { groups: 4 }), add('sum', 'a', 'b'), conv('c', 'sum', 6)]);

test('reads the widths', () => {
  assert.equal(
    [...readWidths(net)],
    [
      ['a', 8],
      ['c', 6],
    ],
  );
});

test('groups that are not named keep their width, and the argument is left alone', () => {
  const before = JSON.stringify(net);
  const cropped = withWidths(net, new Map([['a', 4]]));
  assert.equal(
    [...readWidths(cropped)],
    [
      ['a', 4],
      ['c', 6],
    ],
  );
  assert.is(JSON.stringify(net), before);
  assert.equal(withWidths(net, new Map()), net);
});

const refused: readonly (readonly [string, number, string])[] = [
  ['d', 4, 'small has no width group "d". Its groups are: a, c.'],
  ['a', 6, 'Width 6 of group "a" of small is not possible: it must be a multiple of 4.'],
  ['a', 0, 'Width 0 of group "a" of small is not possible: it must be a multiple of 4.'],
  ['c', 0, 'Width 0 of group "c" of small is not possible: it must be a whole number of at least 1.'],
  ['c', 2.5, 'Width 2.5 of group "c" of small is not possible: it must be a whole number of at least 1.'],
  ['c', Number.NaN, 'Width NaN of group "c" of small is not possible: it must be a whole number of at least 1.'],
];

for (const [group, width, sentence] of refused) {
  test(`refuses ${group} = ${width}`, () => {
    assert.throws(
      () => withWidths(net, new Map([[group, width]])),
      (error: unknown) => error instanceof ArchitectureError && error.message === sentence,
    );
  });
}

test.run();
