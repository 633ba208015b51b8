import { createSpeedWatch, repeatCpuWork, timeCpuWork, toSlowdown } from '@precrop/device-agent/measure/throttling';
import { judge } from '@precrop/device-agent/measure/validity';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

function createProcessor() {
  let [now, workMs] = [0, 8];
  const watch = createSpeedWatch(() => now, { everyMs: 500, time: () => workMs });
  return {
    ...watch,
    work(ms: number, times = 1) {
      workMs = ms;
      for (let time = 0; time < times; time++) {
        now += 500;
        watch.probe();
      }
    },
  };
}

test('a rate that falls and stays is seen, with by how much', () => {
  const { work, slowdown } = createProcessor();
  work(8, 5);
  assert.is(slowdown(), 0);
  work(10, 2);
  assert.is(slowdown(), 0, 'twice may be chance');
  work(10);
  near(slowdown(), 0.2, 1e-12);
});

test('a short interruption is none', () => {
  const { work, slowdown } = createProcessor();
  for (let time = 0; time < 20; time++) {
    work(time % 3 === 0 ? 8 : 40);
    assert.is(slowdown(), 0);
  }
});

test('a rate that comes back is forgiven, and one that never was higher is no fall', () => {
  const { work, slowdown } = createProcessor();
  work(12, 5);
  assert.is(slowdown(), 0);
  work(8);
  work(12, 3);
  assert.ok(slowdown() > 0.3);
  work(8);
  assert.is(slowdown(), 0);
});

test('once settled, falls count from there', () => {
  const { work, slowdown, settle } = createProcessor();
  work(8, 3);
  work(10, 3);
  settle();
  assert.is(slowdown(), 0);
  work(12.5, 3);
  near(slowdown(), 0.2, 1e-12);
});

test('the work is done no oftener than asked for, also after a clock that ran backwards', () => {
  let [now, times] = [0, 0];
  const time = (): number => {
    times++;
    return 5;
  };
  const watch = createSpeedWatch(() => now, { everyMs: 1000, time });
  for (; now < 10_000; now += 10) watch.probe();
  assert.is(times, 10);
  now = -50_000;
  watch.probe();
  assert.is(times, 11);
});

test('heat and other programs are told apart by the load', () => {
  const samples = Array(20).fill(10);
  const reasonOf = (othersShare?: number): string =>
    judge(samples, { slowdown: 0.2, load: othersShare === undefined ? null : { othersShare, stealShare: 0 } }).reasons.join(' ');
  assert.match(reasonOf(0.01), /20\.0 % slower .* nothing else to do: it is throttled/);
  assert.match(reasonOf(0.5), /busy with something else\./);
  assert.match(reasonOf(), /throttled, or busy/);
  assert.is(judge(samples, { slowdown: 0.2 }).verdict, 'noisy');
  assert.is(judge(samples, { slowdown: 0.5 }).verdict, 'invalid');
  assert.is(judge(samples, { slowdown: 0.05 }).verdict, 'valid');
});

test('too few probes say nothing', () => {
  assert.is(toSlowdown(Number.POSITIVE_INFINITY, []), 0);
  assert.is(toSlowdown(1, [2, 2]), 0);
});

test('the work is repeated while a core wakes up, and its least time counts', () => {
  let now = 0;
  const takes = [40, 20, 10, 5, 5, 1];
  const ms = timeCpuWork(
    () => now,
    () => (now += takes.shift() ?? 0),
  );
  assert.is(ms, 5);
  assert.equal(takes, [1]);
});

test('the real work takes time', async () => {
  const samples = await repeatCpuWork(() => performance.now())(3);
  assert.is(samples.length, 3);
  assert.ok(
    samples.every((ms) => ms > 0.01),
    samples.join(),
  );
});

test.run();
