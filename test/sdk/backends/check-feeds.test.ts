import { checkFeeds } from '@precrop/sdk/backends/check-feeds';
import { UsageError } from '@precrop/sdk/core/errors';
import { createProgramBuilder } from '@precrop/sdk/program/builder';
import type { Program } from '@precrop/sdk/program/program';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const program = ((): Program => {
  const builder = createProgramBuilder('train', 'train');
  builder.input('images', [-1, 2, 2, 3]);
  builder.input('labels', [-1], 'int32');
  builder.input('rate', []);
  return builder.finish({});
})();

function feeds(images: number, labels: number): { images: Float32Array; labels: Int32Array; rate: number } {
  return { images: new Float32Array(images), labels: new Int32Array(labels), rate: 0.1 };
}

test('the batch follows from the lengths', () => {
  for (const batch of [1, 2, 7]) assert.is(checkFeeds(program, feeds(12 * batch, batch)), batch);
});

test('without an input that has a batch it is 1', () => {
  const builder = createProgramBuilder('p', 'train');
  builder.input('rate', []);
  assert.is(checkFeeds(builder.finish({}), { rate: 1 }), 1);
  assert.is(checkFeeds(builder.finish({}), { rate: Float32Array.of(1) }), 1);
});

test('feeds that do not fit are refused in a sentence', () => {
  const { rate: _, ...withoutRate } = feeds(12, 1);
  const cases: readonly [Parameters<typeof checkFeeds>[1], RegExp][] = [
    [withoutRate, /needs a value for its input "rate"/],
    [{ ...feeds(12, 1), rates: 1 }, /no input "rates"\. Its inputs are: images, labels, rate\./],
    [feeds(13, 1), /"images" of program "train" has 13 values, but its shape is \[-1x2x2x3\]/],
    [feeds(0, 0), /"images".* has 0 values/],
    [feeds(24, 3), /"labels".* has 3 values.* at a batch of 2/],
    [{ ...feeds(12, 1), rate: Float32Array.of(1, 2) }, /"rate".* has 2 values/],
  ];
  for (const [given, sentence] of cases) {
    assert.throws(
      () => checkFeeds(program, given),
      (error: unknown) => error instanceof UsageError && sentence.test(error.message),
      `${sentence}`,
    );
  }
});

test.run();
