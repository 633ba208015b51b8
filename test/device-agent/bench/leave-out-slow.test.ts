import { foreseeSlowCall, keepWithin } from '@precrop/device-agent/bench/leave-out-slow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const earlier = [
  { runtime: 'tfjs/cpu', threads: 1, batch: 1, callMs: 150 },
  { runtime: 'tfjs/cpu', threads: 1, batch: 8, callMs: 1500 },
];

test('a call that a smaller batch foretells to be far too slow is not tried', () => {
  const reason = foreseeSlowCall({ runtime: 'tfjs/cpu', threads: 1, batch: 128 }, earlier, 2000);
  assert.is(reason, 'By its 1.50 s at batch 8, a call would take about 24.0 s: more than the 2.00 s that a call may take.');
});

test('what may be fast enough is tried: another runtime, other threads, a smaller batch, or one that is not far too slow', () => {
  for (const asked of [
    { runtime: 'tflite', threads: 1, batch: 128 },
    { runtime: 'tfjs/cpu', threads: 2, batch: 128 },
    { runtime: 'tfjs/cpu', threads: 1, batch: 1 },
    { runtime: 'tfjs/cpu', threads: 1, batch: 16 },
  ])
    assert.is(foreseeSlowCall(asked, earlier, 2000), undefined, JSON.stringify(asked));
});

test('the slowest are left out until the rest fit; references and the fastest stay', () => {
  const all = [
    { name: 'layers', callMs: 50, mustStay: true },
    { name: 'a', callMs: 1, mustStay: false },
    { name: 'b', callMs: 100, mustStay: false },
    { name: 'c', callMs: 10, mustStay: false },
  ];
  const keptWithin = (budgetMs: number): string =>
    keepWithin(all, budgetMs, (callMs) => callMs)
      .map(({ name }) => name)
      .join();
  assert.is(keptWithin(161), 'layers,a,b,c');
  assert.is(keptWithin(160), 'layers,a,c');
  assert.is(keptWithin(60), 'layers,a');
  assert.is(keptWithin(0), 'layers,a');
});

test.run();
