import { availableParallelism } from 'node:os';
import { createCoreWatch, waitForState } from '@precrop/device-agent/measure/core-state';
import { createGuards, type WindowOptions } from '@precrop/device-agent/measure/guards';
import { judge } from '@precrop/device-agent/measure/validity';
import type { CoreStanding, CoreState } from '@precrop/sdk/cost/device-profile';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/skip.js';

type Seen = number | CoreState;

/** A clock that a wait moves on, and cores whose states follow a script: a number is a handshake on cores of their own. */
function simulate(script: readonly Seen[], baseNs?: number) {
  const base = baseNs === undefined ? undefined : { handshakeNs: baseNs, sharing: 1 };
  let [nowMs, index] = [0, 0];
  const clock = (): number => nowMs;
  const look = (): CoreState | null => {
    const seen = script[Math.min(index++, script.length - 1)];
    return typeof seen === 'number' ? { handshakeNs: seen, sharing: 1 } : (seen ?? null);
  };
  const watch = createCoreWatch(clock, { everyMs: 0, base, look });
  const wait = async (ms: number): Promise<void> => {
    nowMs += ms;
  };
  return { watch, wait, context: { clock, signal: new AbortController().signal }, now: () => nowMs };
}

test('cores that are moved apart are waited for until they are near again', async () => {
  const { watch, wait, context, now } = simulate([100, 105, 510, 500, 495, 98]);
  watch.probe();
  await waitForState(watch, 10_000, context, wait);
  assert.is(now(), 0);
  const left = await waitForState(watch, 10_000, context, wait);
  assert.ok(watch.apart() < 1);
  assert.is(left, 10_000 - now());
  assert.ok(now() > 0);
});

test('two cores that became one are another state though their handshake is short', () => {
  const { watch } = simulate([100, { handshakeNs: 90, sharing: 1.9 }]);
  watch.probe();
  assert.ok(watch.apart() < 1);
  watch.probe();
  assert.ok(watch.apart() > 1);
});

test('what does not come back is waited for no longer, and can be taken as it is', async () => {
  for (const baseNs of [undefined, 100]) {
    const { watch, wait, context, now } = simulate([100, 500], baseNs);
    watch.probe();
    assert.is(await waitForState(watch, 2000, context, wait), 0);
    assert.ok(watch.apart() > 1);
    watch.settle();
    const before = now();
    await waitForState(watch, 2000, context, wait);
    assert.is(now(), before);
    assert.is(watch.base()?.handshakeNs, 500);
  }
});

test('a state nearer than the one to compare with is another state as well', () => {
  const { watch } = simulate([100], 480);
  watch.probe();
  assert.ok(watch.apart() > 1);
});

/** Guards over such cores, and what their window says of one block after the other. */
async function openWindow(script: readonly Seen[], options?: WindowOptions) {
  let nowMs = 0;
  const clock = (): number => nowMs;
  const guards = createGuards(clock, {
    listProcesses: () => [],
    clockResolutionMs: 0.001,
    secondClock: clock,
    load: { open: async () => async () => null } as never,
    speed: { probe() {}, slowdown: () => 0, settle() {} },
    cores: simulate(script).watch,
    patienceMs: 100,
  });
  const window = await guards.open(options);
  const check = (): CoreStanding | null => {
    nowMs += 40;
    return window.check(40);
  };
  return { checkAll: (count: number) => Array.from({ length: count }, check), close: window.close };
}

test('blocks from another state do not count, until patience is over', async () => {
  const { checkAll, close } = await openWindow([100, 100, 500, 500, 100, 100, 500]);
  assert.equal(checkAll(4), ['usual', null, null, null]); // the last begins apart
  assert.equal(checkAll(2), ['usual', 'usual']);
  const { coresApart = 0 } = await close();
  assert.ok(coresApart > 1, `${coresApart}`);
});

test('where any standing will do, only blocks in which the cores were moved do not count', async () => {
  const shared = { handshakeNs: 90, sharing: 1.9 };
  const { checkAll, close } = await openWindow([100, 100, 500, 500, shared, shared, 101, 20, 20], { anyStanding: true });
  assert.equal(checkAll(4), ['usual', null, 'far', null]);
  assert.equal(checkAll(1), ['shared']);
  const { coresApart = 0 } = await close();
  assert.is(coresApart, 0);
});

test('samples from cores in another state are not valid, and the reason says why', () => {
  const samples = Array.from({ length: 20 }, (_, index) => 1 + 0.001 * (index % 3));
  assert.is(judge(samples, { coresApart: 0.9 }).verdict, 'valid');
  const { verdict, reasons } = judge(samples, { coresApart: 3 });
  assert.is(verdict, 'invalid');
  assert.match(reasons.join(), /moved the cores/);
});

test('with nothing known nothing is held against a measurement', () => {
  const { watch } = simulate([]);
  watch.probe();
  assert.is(watch.apart(), 0);
  assert.is(watch.base(), null);
});

if (availableParallelism() !== 2) skip(test, 'two real threads shake hands', 'this machine does not have two cores');
else
  test('two real threads shake hands', async () => {
    const watch = createCoreWatch(() => performance.now(), { everyMs: 0 });
    // until the thread runs, and has a core for itself
    for (let tries = 0; tries < 50 && watch.base() === null; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      watch.probe();
    }
    const last = watch.last();
    watch.close();
    assert.ok(last !== null && last.handshakeNs > 1 && last.handshakeNs < 1e7 && last.sharing >= 1, JSON.stringify(last));
  });

test.run();
