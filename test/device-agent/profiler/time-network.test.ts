import { createGuards } from '@precrop/device-agent/measure/guards';
import { createSpeedWatch } from '@precrop/device-agent/measure/throttling';
import { createSweepNetwork } from '@precrop/device-agent/profiler/sweep-network';
import { type Effort, timeNetwork } from '@precrop/device-agent/profiler/time-network';
import { createContext } from '@precrop/sdk/core/context';
import { createRng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const request = { architecture: createSweepNetwork(8), batch: 4 };
const effort: Effort = { blockMs: 8, leastBlocks: 8, budgetMs: 100, targetError: 0.02 };

/** @param takeMs of the given repetition */
async function timeWith(takeMs: (repetition: number) => number, more: Partial<Effort> = {}) {
  let [now, repetitions] = [0, 0];
  const repeat = (): number => {
    const ms = takeMs(repetitions++);
    now += ms;
    return ms;
  };
  const call = async (method: string, params: { readonly count?: number }): Promise<unknown> => {
    if (method === 'open') return { openMs: 10 + repeat(), threads: 2 };
    return Array.from({ length: params.count ?? 1 }, repeat);
  };
  const clock = (): number => now;
  const guards = createGuards(clock, {
    listProcesses: () => [],
    secondClock: clock,
    clockResolutionMs: 1e-4,
    load: { open: async () => async () => ({ othersShare: 0, stealShare: 0 }) },
    speed: createSpeedWatch(clock, { time: () => 5 }),
  });
  const timing = await timeNetwork({ call } as never, 'engine', request, { ...effort, ...more }, createContext({ clock }), guards);
  return { timing, repetitions };
}

test('a steady network is valid, and a slow one repeats no more often than it must', async () => {
  const rng = createRng(1);
  const quick = await timeWith(() => 0.5 * (1 + 0.01 * rng.normal()));
  assert.is(quick.timing.verdict, 'valid', quick.timing.reasons.join());
  assert.ok(quick.timing.lowMs <= 0.5 && 0.5 <= quick.timing.highMs);
  const slow = await timeWith(() => 200 * (1 + 0.002 * rng.normal()));
  assert.is(slow.timing.verdict, 'valid', slow.timing.reasons.join());
  assert.ok(slow.repetitions <= 10, `${slow.repetitions}`);
  assert.is(slow.timing.threads, 2);
});

test('one for which there is no time is timed with less care, and says so', async () => {
  const { timing, repetitions } = await timeWith(() => 3000, { mostMs: 2000 });
  assert.ok(repetitions <= 5, `${repetitions}`);
  assert.is(timing.verdict, 'noisy');
  assert.match(timing.reasons.join(' '), /Only 3 samples were taken/);
});

test('one that gets slower and slower is not valid', async () => {
  const { timing } = await timeWith((repetition) => 20 * (1 + 0.05 * repetition));
  assert.is.not(timing.verdict, 'valid');
});

test('numbers are ones that JSON can hold', async () => {
  const { timing } = await timeWith(() => 3000, { mostMs: 1 });
  assert.equal(JSON.parse(JSON.stringify(timing)), timing);
});

test.run();
