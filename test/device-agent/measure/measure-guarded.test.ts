import { createCoreWatch } from '@precrop/device-agent/measure/core-state';
import { createGuards, type GuardOptions } from '@precrop/device-agent/measure/guards';
import { type GuardedOptions, measureGuarded } from '@precrop/device-agent/measure/measure-guarded';
import { createSpeedWatch } from '@precrop/device-agent/measure/throttling';
import { createContext } from '@precrop/sdk/core/context';
import { CancelledError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const quietLoad = { open: async () => async () => ({ othersShare: 0, stealShare: 0 }) };
const options: GuardedOptions = { runtime: 'r', threads: 2, batch: 1, blockMs: 20, budgetMs: 1e6 };

/** A device whose clocks go by what is done on it. @param takeMs of one repetition, at that time */
function createDevice(takeMs: (nowMs: number) => number, spread = 0.01) {
  const rng = createRng(7);
  let [now, pushed, repetitions] = [0, 0, 0];
  const clock = (): number => now + pushed;
  const context = createContext({ clock });
  return {
    repetitions: () => repetitions,
    now: () => now,
    push(ms: number) {
      pushed += ms;
    },
    context,
    async time(count: number) {
      repetitions += count;
      return Array.from({ length: count }, () => {
        const ms = takeMs(now) * (1 + spread * rng.normal());
        now += ms;
        return ms;
      });
    },
    guards: (guardOptions: Partial<GuardOptions> = {}) =>
      createGuards(clock, {
        listProcesses: () => [],
        secondClock: () => now,
        clockResolutionMs: 1e-4,
        load: quietLoad,
        speed: createSpeedWatch(clock, { time: () => 5 }),
        ...guardOptions,
      }),
  };
}

test('a steady device gives a valid median within its error bar, in a part of the time', async () => {
  const { time, context, guards, now } = createDevice(() => 2);
  const { median, verdict, reasons, errorBar, samples, blockSizes, unit, runtime } = await measureGuarded(time, options, context, guards());
  assert.equal({ verdict, reasons, unit, runtime }, { verdict: 'valid', reasons: [], unit: 'ms', runtime: 'r' });
  assert.ok(errorBar.low <= 2 && 2 <= errorBar.high, `${errorBar.low} to ${errorBar.high}`);
  assert.ok(Math.abs(median - 2) < 0.02);
  assert.is(
    blockSizes.reduce((sum, size) => sum + size, 0),
    samples.length,
  );
  assert.ok(now() < 500, `${now()} ms`);
});

test('it goes on for as long as the median is not known well enough, and no longer than it may', async () => {
  const timeOf = async (spread: number, more: Partial<GuardedOptions> = {}): Promise<number> => {
    const { time, context, guards, now } = createDevice(() => 8, spread);
    await measureGuarded(time, { ...options, mostBlocks: 1000, ...more }, context, guards());
    return now();
  };
  const [quiet, restless, coarse] = [await timeOf(0.01), await timeOf(0.15), await timeOf(0.15, { targetError: 0.1 })];
  assert.ok(restless > 2 * quiet, `${quiet} ms, ${restless} ms`);
  assert.ok(coarse < restless);
  assert.ok((await timeOf(0.15, { budgetMs: 400 })) < 400 + 200);
  assert.ok((await timeOf(0.15, { mostBlocks: 8 })) < 8 * 40 + 200);
});

test('a level that shifts midway is not valid, and says so', async () => {
  const { time, context, guards } = createDevice((now) => (now < 1000 ? 10 : 10.8), 0.002);
  const shifting = { ...options, leastBlocks: 40, mostBlocks: 60, blockMs: 40 };
  const { verdict, reasons } = await measureGuarded(time, shifting, context, guards());
  assert.is(verdict, 'noisy');
  assert.match(reasons.join(' '), 'does not repeat the first');
});

test('where the cores are moved about, blocks of one standing make the number', async () => {
  // 10 ms while they stand as usual and 13 ms while they do not, in turns of 200 ms
  const isFar = (now: number): boolean => Math.floor(now / 200) % 2 === 1;
  const { time, context, guards, now } = createDevice((at) => (isFar(at) ? 13 : 10), 0.002);
  const cores = createCoreWatch(now, { everyMs: 0, look: () => ({ handshakeNs: isFar(now()) ? 500 : 100, sharing: 1 }) });
  const measured = await measureGuarded(time, { ...options, blockMs: 40, anyStanding: true }, context, guards({ cores, patienceMs: 1000 }));
  assert.is(measured.verdict, 'valid', measured.reasons.join(' '));
  assert.ok(Math.abs(measured.median / (measured.cores === 'far' ? 13 : 10) - 1) < 0.01, `${measured.cores}: ${measured.median}`);
});

test('a clock that jumps makes it invalid', async () => {
  for (const push of [500, -500]) {
    const { time, context, guards, push: pushClock, repetitions } = createDevice(() => 2);
    const jumping = async (count: number): Promise<readonly number[]> => {
      if (repetitions() > 40) pushClock(push);
      return time(count);
    };
    const { verdict, reasons } = await measureGuarded(jumping, { ...options, mostBlocks: 20 }, context, guards());
    assert.is(verdict, 'invalid');
    assert.match(reasons.join(' '), push > 0 ? 'jumped forward' : 'ran backwards');
  }
});

test('what the guards see is in the verdict: load, throttling, saver, coarse clock', async () => {
  const reasonOf = async (guardOptions: Partial<GuardOptions>): Promise<string> => {
    const { time, context, guards } = createDevice(() => 2);
    const { verdict, reasons } = await measureGuarded(time, { ...options, leastBlocks: 40 }, context, guards(guardOptions));
    return `${verdict}: ${reasons.join(' ')}`;
  };
  const load = { open: async () => async () => ({ othersShare: 0.15, stealShare: 0.35 }) };
  assert.match(await reasonOf({ load }), /^invalid: Other programs took 15\.0 %.* host gave 35\.0 %/);
  assert.match(await reasonOf({ power: 'battery 40 %, saver on' }), /^noisy: The battery saver is on/);
  assert.match(await reasonOf({ clockResolutionMs: 0.1 }), /^noisy: The clock's steps/);
  let probes = 0;
  const speed = { probe: () => void probes++, slowdown: () => (probes > 5 ? 0.2 : 0), settle: () => {} };
  assert.match(await reasonOf({ speed }), /^noisy: The processor worked 20\.0 % slower/);
});

test('a cancel is heard between blocks', async () => {
  const cancellation = new AbortController();
  const { time, context, guards, repetitions } = createDevice(() => 2);
  const cancelling = async (count: number): Promise<readonly number[]> => {
    if (repetitions() > 40) cancellation.abort();
    return time(count);
  };
  try {
    await measureGuarded(cancelling, options, { ...context, signal: cancellation.signal }, guards());
    assert.unreachable();
  } catch (error) {
    assert.instance(error, CancelledError);
  }
});

test('its own work is small beside what is timed', async () => {
  const context = createContext();
  const guards = createGuards(context.clock, { listProcesses: () => [{ pid: process.ppid }] });
  let insideMs = 0;
  const time = async (count: number): Promise<readonly number[]> => {
    const begin = performance.now();
    const samples = Array.from({ length: count }, () => {
      const start = performance.now();
      for (let step = 0; step < 20_000; step++) Math.sqrt(step);
      return performance.now() - start;
    });
    insideMs += performance.now() - begin;
    return samples;
  };
  const start = performance.now();
  for (let network = 0; network < 10; network++) await measureGuarded(time, { ...options, budgetMs: 200 }, context, guards);
  const outsideMs = performance.now() - start - insideMs;
  assert.ok(outsideMs < 0.25 * insideMs, `${outsideMs} ms beside ${insideMs} ms`);
});

test.run();
