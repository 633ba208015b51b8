import { ArchitectureError } from '@precrop/sdk/core/errors';
import type { Node } from '@precrop/sdk/ir/architecture';
import { parseArchitecture, validateArchitecture } from '@precrop/sdk/ir/validate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { add, concat, conv, depthwise, maxPool, network, relu, shuffle, split } from './networks.js';

const good = network([conv('a', 'input', 4), relu('b', 'a')]);

/** What is wrong, the broken architecture, and what its sentence must say. */
const broken: readonly (readonly [string, unknown, RegExp])[] = [
  ['no object', 'resnet-20', /^This is no architecture: the whole: .+object/],
  ['no name', { ...good, name: '' }, /^This is no architecture: name: /],
  ['a flat image', { ...good, input: [8, 8] }, /^This is no architecture: input/],
  ['no classes', { ...good, classes: 0 }, /^This is no architecture: classes: /],
  ['a field too many', { ...good, weights: [] }, /^This is no architecture: .*"weights"/],
  [
    'an unknown op',
    { ...good, nodes: [{ id: 'a', op: 'lstm', inputs: ['input'] }] },
    /^Node "a" has the unknown op "lstm"\. Known ops: conv, .*dense\.$/,
  ],
  [
    'a name of every object as op',
    { ...good, nodes: [{ id: 'a', op: 'toString', inputs: ['input'] }] },
    /^Node "a" has the unknown op "toString"/,
  ],
  ['a field absent', changed({ groups: undefined }), /^Node "a" \(conv\) is not valid: groups: /],
  ['no channels', changed({ outChannels: 0 }), /^Node "a" \(conv\) is not valid: outChannels: /],
  ['half a channel', changed({ outChannels: 1.5 }), /^Node "a" \(conv\) is not valid: outChannels: /],
  ['an unknown padding', changed({ padding: 'full' }), /^Node "a" \(conv\) is not valid: padding: /],
  ['an unknown field of a node', changed({ dilation: 2 }), /^Node "a" \(conv\) is not valid: .*"dilation"/],
  ['one id twice', network([conv('a', 'input', 4), relu('a', 'a')]), /^Two nodes are called "a"\. Ids must differ/],
  ['the image as id', network([conv('input', 'input', 4)]), /^Two nodes are called "input"/],
  ['too few inputs', network([add('a', 'input')]), /^Node "a" \(add\) has 1 inputs, but takes 2\.$/],
  [
    'too many inputs',
    network([{ ...relu('a', 'input'), inputs: ['input', 'input'] } as Node]),
    /^Node "a" \(relu\) has 2 inputs, but takes 1\.$/,
  ],
  ['one input to put together', network([concat('a', 'input')]), /^Node "a" \(concat\) has 1 inputs, but takes at least 2\.$/],
  ['an input that is not there', network([relu('a', 'b')]), /^Node "a" reads "b", which no earlier node writes\. Put it before/],
  ['a reader before its writer', network([relu('a', 'b'), relu('b', 'input')]), /^Node "a" reads "b", which no earlier node writes/],
  ['an output that is not there', { ...good, output: 'c' }, /^The output "c" is no node of small\.$/],
  ['an image as output', { ...good, output: 'b' }, /^The output "b" has shape 8x8x4, but small has 10 classes: it must be a vector/],
  ['other classes', { ...good, classes: 5 }, /^The output "head\.fc" has shape 10, but small has 5 classes/],
  [
    'a sum of unequals',
    network([conv('a', 'input', 4), add('b', 'a', 'input')]),
    /^Node "b" adds shapes 8x8x4 and 8x8x3\. Both must be equal/,
  ],
  [
    'unequal images put together',
    network([maxPool('a', 'input', { kernel: 2, stride: 2 }), concat('b', 'a', 'input')]),
    /^Node "b" concatenates 4x4x3 and 8x8x3\. All inputs must have the same height and width\.$/,
  ],
  [
    'groups that do not divide the input',
    network([conv('a', 'input', 4, { groups: 2 })]),
    /^Node "a" has 2 groups, but 3 input and 4 output channels/,
  ],
  [
    'groups that do not divide the output',
    network([conv('a', 'input', 4, { groups: 3 })]),
    /^Node "a" has 3 groups, but 3 input and 4 output channels/,
  ],
  [
    'a shuffle that does not divide',
    network([shuffle('a', 'input', 2)]),
    /^Node "a" shuffles 3 channels in 2 groups\. The channels must be a multiple/,
  ],
  [
    'unequal parts',
    network([split('a', 'input', 2, 0)]),
    /^Node "a" takes part 0 of 2 of 3 channels\. The parts must be equal, and count from 0\.$/,
  ],
  ['a part too far', network([split('a', 'input', 3, 3)]), /^Node "a" takes part 3 of 3 of 3 channels/],
  [
    'a dense layer on an image',
    { ...good, nodes: [{ id: 'head.fc', op: 'dense', inputs: ['input'], outChannels: 10, bias: true }] },
    /^Node "head\.fc" is dense, but its input is 8x8x3\. Put a global-avg-pool before it\.$/,
  ],
  [
    'a window over a vector',
    network([{ id: 'a', op: 'global-avg-pool', inputs: ['input'] }, conv('b', 'a', 4, { kernel: 1, padding: [1, 1, 1, 1] })]),
    /^Node "b" slides a window, but its input is a vector\. Put it before the global-avg-pool\.$/,
  ],
  [
    'a window larger than the image',
    network([depthwise('a', 'input', { kernel: 9, padding: 'valid' })]),
    /^Node "a" slides a 9x9 window over an image of only 8x8\. Give it padding, or a larger image\.$/,
  ],
];

for (const [what, json, sentence] of broken) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => parseArchitecture(json),
      (error: unknown) => error instanceof ArchitectureError && sentence.test(error.message) && !error.message.includes('\n'),
    );
  });
}

test('accepts what is right, as it is', () => {
  assert.equal(parseArchitecture(JSON.parse(JSON.stringify(good))), good);
  validateArchitecture(good);
});

function changed(fields: Readonly<Record<string, unknown>>): unknown {
  return { ...good, nodes: good.nodes.map((node) => (node.id === 'a' ? { ...node, ...fields } : node)) };
}

test.run();
