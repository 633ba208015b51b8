import { findAlignment } from '@precrop/sdk/cost/find-alignment';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const channels = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 24, 25, 32];
const sweepOf = (ms: (width: number) => number, widths = channels) => ({
  batch: 1,
  points: widths.map((width) => ({ channels: width, medianMs: ms(width) })),
});

test('a device whose code works on whole vectors of n channels asks for multiples of n', () => {
  for (const vector of [2, 4, 8, 16]) {
    const isWhole = (width: number): boolean => width % vector === 0;
    assert.is(findAlignment(sweepOf((width) => width * (isWhole(width) ? 1 : 3))), vector, `${vector}`);
  }
});

test('where time only grows with the width, any width will do', () => {
  assert.is(findAlignment(sweepOf((width) => 1 + width)), 1);
});

test('what may be noise is no reason to round, and what is more is one', () => {
  assert.is(findAlignment(sweepOf((width) => (width === 15 ? 1.02 : 1))), 1);
  assert.is(findAlignment(sweepOf((width) => (width === 15 ? 1.05 : 1))), 2);
});

test('a multiple that was not looked at is not found', () => {
  const onlyMultiplesOf4 = channels.filter((width) => width % 2 === 1 || width % 4 === 0);
  assert.is(findAlignment(sweepOf((width) => (width % 2 === 0 ? 1 : 3), onlyMultiplesOf4)), 4);
  assert.is(findAlignment({ batch: 1, points: [] }), null);
});

test.run();
