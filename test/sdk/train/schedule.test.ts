import { learningRateAt, type Schedule } from '@precrop/sdk/train/schedule';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const cosine: Schedule = { kind: 'cosine', peak: 0.1, warmup: 0.1, final: 0.01 };
const oneCycle: Schedule = { kind: 'one-cycle', peak: 0.4, warmup: 0.25, initialDivisor: 10, finalDivisor: 1000 };
const total = 200;
const ratesOf = (schedule: Schedule): number[] => Array.from({ length: total }, (_, step) => learningRateAt(schedule, step, total));

for (const schedule of [cosine, oneCycle]) {
  test(`${schedule.kind}: rises to the peak, then falls, and never leaves (0, peak]`, () => {
    const rates = ratesOf(schedule);
    const top = rates.indexOf(Math.max(...rates));
    assert.ok(Math.abs((rates[top] as number) - schedule.peak) < 1e-3 * schedule.peak);
    rates.forEach((rate, step) => {
      assert.ok(rate > 0 && rate <= schedule.peak + 1e-12, `step ${step}: ${rate}`);
      if (step === 0) return;
      const before = rates[step - 1] as number;
      assert.ok(step <= top ? rate >= before : rate <= before, `step ${step}: ${before} then ${rate}`);
    });
  });
}

test('one-cycle begins at peak / initialDivisor and ends at peak / finalDivisor', () => {
  const rates = ratesOf(oneCycle);
  assert.ok(Math.abs((rates[0] as number) - 0.04) < 1e-12);
  assert.ok(Math.abs((rates[total - 1] as number) - 0.0004) < 1e-12);
});

test('a rate depends on the step alone, so a resumed run goes on with the same', () => {
  assert.is(learningRateAt(oneCycle, 77, total), learningRateAt(oneCycle, 77, total));
});

test('a peak of 0 and a warm-up of 1 are refused in a sentence', () => {
  assert.throws(() => learningRateAt({ ...cosine, peak: 0 }, 0, total), /peak learning rate is 0/);
  assert.throws(() => learningRateAt({ ...cosine, warmup: 1 }, 0, total), /warm-up is 1/);
});

test.run();
