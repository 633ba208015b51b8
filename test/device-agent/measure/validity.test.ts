import type { Conditions } from '@precrop/device-agent/measure/conditions';
import { createMeasurement } from '@precrop/device-agent/measure/measurement';
import { judge, worstVerdict } from '@precrop/device-agent/measure/validity';
import { createRng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const rng = createRng(9);
const steady = (length: number, spread = 0.01): number[] => Array.from({ length }, () => 100 * (1 + spread * rng.normal()));

test('a steady machine is believed, whatever the unit', () => {
  for (const scale of [1e-3, 1, 1e6]) {
    assert.equal(judge(steady(30).map((sample) => sample * scale)), { verdict: 'valid', reasons: [] });
  }
});

test('a verdict other than valid has reasons, and valid has none', () => {
  for (let trial = 0; trial < 200; trial++) {
    const { verdict, reasons } = judge(steady(rng.integer(1, 40), rng.uniform()).map(Math.abs), { clockResolutionMs: rng.uniform() * 10 });
    assert.is(verdict === 'valid', reasons.length === 0);
  }
});

test('the verdict never improves as the spread grows', () => {
  const shape = Array.from({ length: 30 }, () => rng.normal());
  const order = ['valid', 'noisy', 'invalid'];
  const verdicts = [0.001, 0.01, 0.05, 0.1, 0.3, 0.6].map((spread) =>
    order.indexOf(judge(shape.map((value) => 100 * Math.exp(spread * value))).verdict),
  );
  assert.ok(
    verdicts.every((verdict, index) => index === 0 || verdict >= (verdicts[index - 1] as number)),
    verdicts.join(),
  );
  assert.is(verdicts[0], 0);
  assert.is(verdicts.at(-1), 2);
});

const broken = (samples: readonly number[], conditions?: Conditions): string => {
  const { verdict, reasons } = judge(samples, conditions);
  return `${verdict}: ${reasons.join(' ')}`;
};

test('each rule says what it saw', () => {
  assert.match(broken(steady(4)), /^noisy: Only 4 samples were taken, where 8 are needed\./);
  assert.match(broken(steady(2)), /^invalid: Only 2 samples/);
  assert.match(
    broken([...steady(10), ...steady(10).map((sample) => sample * 1.2), ...steady(10).map((sample) => sample * 1.3)]),
    /the first by (29|30|31)\.\d %/,
  );
  assert.match(broken(steady(20), { clockResolutionMs: 2 }), /^noisy: The clock's steps of 2\.00 ms are 2\.0 %/);
  assert.match(broken(steady(20), { clockResolutionMs: 60 }), /^invalid: The clock/);
  assert.match(broken([10, 0, 11]), /^invalid: A sample is 0/);
  assert.match(broken([10, Number.NaN, 11]), /^invalid: A sample is NaN/);
  assert.match(broken([]), /^invalid: There are no samples/);
});

test('getting faster is drift as well', () => {
  const slowStart = [...steady(10).map((sample) => sample * 1.5), ...steady(20)];
  assert.match(broken(slowStart), /noisy.*The last third/);
});

test('the worst verdict counts', () => {
  assert.is(worstVerdict([]), 'valid');
  assert.is(worstVerdict(['valid', 'noisy', 'valid']), 'noisy');
  assert.is(worstVerdict(['noisy', 'invalid', 'valid']), 'invalid');
});

test('a measurement keeps its samples, in order, with its conditions and verdict', () => {
  const samples = steady(12);
  const measurement = createMeasurement(samples, { runtime: 'r', threads: 2, batch: 8, clockResolutionMs: 0.001 });
  assert.equal(measurement.samples, samples);
  assert.is(measurement.verdict, 'valid');
  assert.equal(Object.keys(measurement).sort(), [
    'batch',
    'mad',
    'median',
    'p5',
    'p95',
    'reasons',
    'runtime',
    'samples',
    'threads',
    'unit',
    'verdict',
  ]);
});

test.run();
