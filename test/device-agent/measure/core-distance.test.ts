import { availableParallelism } from 'node:os';
import { createDistanceWatch, farRatio, waitUntilNear } from '@precrop/device-agent/measure/core-distance';
import { judge } from '@precrop/device-agent/measure/validity';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/skip.js';

/** A clock that a wait moves on, and a handshake that follows a script. */
function simulate(handshakesNs: readonly number[], baseNs?: number) {
  let [nowMs, index] = [0, 0];
  const clock = (): number => nowMs;
  const time = (): number | null => handshakesNs[Math.min(index++, handshakesNs.length - 1)] ?? null;
  const watch = createDistanceWatch(clock, { everyMs: 0, baseNs, time });
  const wait = async (ms: number): Promise<void> => {
    nowMs += ms;
  };
  return { watch, wait, context: { clock, signal: new AbortController().signal }, now: () => nowMs };
}

test('cores that are moved apart are waited for until they are near again', async () => {
  const { watch, wait, context, now } = simulate([100, 105, 510, 500, 495, 98]);
  watch.probe();
  await waitUntilNear(watch, 10_000, context, wait);
  assert.is(now(), 0);
  const left = await waitUntilNear(watch, 10_000, context, wait);
  assert.ok(watch.ratio() < farRatio);
  assert.is(left, 10_000 - now());
  assert.ok(now() > 0);
});

test('what does not come back is taken as it is, and not waited for again', async () => {
  const { watch, wait, context, now } = simulate([100, 500]);
  watch.probe();
  assert.is(await waitUntilNear(watch, 2000, context, wait), 0);
  const before = now();
  await waitUntilNear(watch, 2000, context, wait);
  assert.is(now(), before);
  assert.is(watch.baseNs(), 500);
});

test('a state nearer than the one to compare with is another state as well', () => {
  const { watch } = simulate([100], 480);
  watch.probe();
  assert.ok(watch.ratio() > 4);
});

test('samples from cores in another state are not valid, and the reason says why', () => {
  const samples = Array.from({ length: 20 }, (_, index) => 1 + 0.001 * (index % 3));
  assert.is(judge(samples, { distance: 1.2 }).verdict, 'valid');
  const { verdict, reasons } = judge(samples, { distance: 5 });
  assert.is(verdict, 'invalid');
  assert.match(reasons.join(), /handshake between two cores took 5\.00 times as long/);
});

test('with nothing known nothing is held against a measurement', () => {
  const { watch } = simulate([]);
  watch.probe();
  assert.is(watch.ratio(), 1);
  assert.is(watch.baseNs(), null);
});

if (availableParallelism() < 2) skip(test, 'two real threads shake hands', 'this machine has one core');
else
  test('two real threads shake hands', async () => {
    const watch = createDistanceWatch(() => performance.now(), { everyMs: 0 });
    await new Promise((resolve) => setTimeout(resolve, 300)); // until the thread runs
    for (let tries = 0; tries < 20 && watch.baseNs() === null; tries++) watch.probe();
    const baseNs = watch.baseNs();
    watch.close();
    assert.ok(baseNs !== null && baseNs > 1 && baseNs < 1e7, `${baseNs}`);
  });

test.run();
