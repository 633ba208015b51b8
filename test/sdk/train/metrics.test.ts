import { addBatch, countCorrect, noMetrics, toMeans } from '@precrop/sdk/train/metrics';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('counts the rows whose largest logit is at the label; a tie is no hit', () => {
  const logits = Float32Array.of(1, 3, 2, /* */ 5, 0, 1, /* */ 2, 2, 1);
  assert.is(countCorrect(logits, Int32Array.of(1, 0, 0)), 2);
  assert.is(countCorrect(logits, Int32Array.of(0, 1, 2)), 0);
});

test('batches of unequal size weigh by their images', () => {
  const two = addBatch(noMetrics, 1, Float32Array.of(1, 0, 1, 0), Int32Array.of(0, 0));
  const three = addBatch(two, 4, Float32Array.of(1, 0), Int32Array.of(1));
  assert.equal(toMeans(three), { loss: 2, accuracy: 2 / 3 });
});

test.run();
