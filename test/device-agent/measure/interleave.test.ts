import { type Contender, type InterleaveOptions, runInterleaved, toRatios } from '@precrop/device-agent/measure/interleave';
import { median, medianAbsoluteDeviation } from '@precrop/device-agent/measure/statistics';
import { createContext } from '@precrop/sdk/core/context';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

/** A machine whose clock runs by what is done on it, and whose speed changes with time. */
function createMachine(slowdown: (now: number) => number = () => 1): {
  readonly clock: () => number;
  readonly calls: string[];
  readonly contender: (name: string, ms: number) => Contender;
} {
  let now = 0;
  const calls: string[] = [];
  const contender = (name: string, ms: number): Contender => ({
    name,
    async time(count) {
      calls.push(`${name}${count}`);
      return Array.from({ length: count }, () => {
        const sample = ms * slowdown(now);
        now += sample;
        return sample;
      });
    },
  });
  return { clock: () => now, calls, contender };
}

const length: InterleaveOptions = { leastRounds: 2, mostRounds: 4, budgetMs: 1e9, blockMs: 100 };

test('blocks alternate, every second round in reverse', async () => {
  const { clock, calls, contender } = createMachine();
  await runInterleaved([contender('a', 25), contender('b', 50)], length, createContext({ clock }));
  assert.is(calls.join(' '), 'a3 a4 b3 a4 b3 b3 a4 a4 b3 b3 a4');
});

test('warm-up is thrown away, and every block is kept', async () => {
  const { clock, calls, contender } = createMachine((now) => (now < 300 ? 10 : 1));
  const blocks = await runInterleaved([contender('a', 20)], length, createContext({ clock }));
  assert.equal(
    blocks.get('a')?.flat(),
    Array.from({ length: 4 * Number(calls.at(-1)?.slice(1)) }, () => 20),
  );
});

test('warm-up goes on until a block is no faster than the one before', async () => {
  const { clock, calls, contender } = createMachine((now) => (now < 60 ? 4 : now < 120 ? 2 : 1));
  const blocks = await runInterleaved([contender('a', 5)], length, createContext({ clock }));
  assert.is(calls.join(' '), 'a3 a5 a5 a5 a5 a5 a5 a5');
  assert.ok(
    blocks
      .get('a')
      ?.flat()
      .every((ms) => ms === 5),
  );
});

test('guards are told what every block took, and nothing of the warm-up', async () => {
  const { clock, contender } = createMachine();
  const told: (number | undefined)[] = [];
  await runInterleaved([contender('a', 25), contender('b', 50)], length, createContext({ clock }), {
    check: (ms) => (told.push(ms) > 0 ? 'usual' : null),
  });
  assert.equal(told, [100, 150, 150, 100, 100, 150, 150, 100]);
});

test('a round of which a block does not count is run again whole', async () => {
  const { clock, contender } = createMachine();
  const counts = [true, false, true, true, true, true];
  const blocks = await runInterleaved([contender('a', 25), contender('b', 50)], length, createContext({ clock }), {
    check: () => ((counts.shift() ?? true) ? 'usual' : null),
  });
  assert.is(blocks.get('a')?.length, 4);
  assert.is(blocks.get('b')?.length, 4);
});

test('a least time of warm-up is kept, for fast contenders alone', async () => {
  const { clock, calls, contender } = createMachine();
  await runInterleaved(
    [contender('a', 20), contender('b', 100)],
    { ...length, leastRounds: 0, mostRounds: 0, warmUpMs: 250 },
    createContext({ clock }),
  );
  assert.is(calls.join(' '), 'a3 a5 a5 a5 b3');
});

test('fast contenders repeat more, within bounds', async () => {
  const { clock, contender } = createMachine();
  const blocks = await runInterleaved(
    [contender('fast', 0.001), contender('mid', 10), contender('slow', 5000)],
    length,
    createContext({ clock }),
  );
  const sizes = [...blocks.values()].map(([block]) => block?.length);
  assert.equal(sizes, [100, 10, 3]);
});

test('of a long block the last samples are kept', async () => {
  const { clock, contender } = createMachine();
  const waking: Contender = {
    name: 'a',
    async time(count) {
      const samples = await contender('a', 0.1).time(count);
      return samples.map((ms, index) => (index < count / 2 ? 9 * ms : ms));
    },
  };
  const blocks = await runInterleaved([waking], { ...length, blockMs: 40 }, createContext({ clock }));
  assert.equal(new Set(blocks.get('a')?.flat()), new Set([0.1]));
});

test('no round begins that would end after the budget, but the least number is run', async () => {
  for (const [budgetMs, rounds] of [
    [0, 2],
    [1400, 3],
    [1e9, 4],
  ] as const) {
    const { clock, contender } = createMachine();
    const blocks = await runInterleaved([contender('a', 100)], { ...length, budgetMs }, createContext({ clock }));
    assert.is(blocks.get('a')?.length, rounds, `${budgetMs}`);
  }
});

test('the ratio holds where a machine that drifts spoils the times', async () => {
  const { clock, contender } = createMachine((now) => 1 + now / 20_000);
  const options = { ...length, mostRounds: 12, blockMs: 300 };
  const blocks = await runInterleaved([contender('a', 30), contender('b', 120)], options, createContext({ clock }));
  const [a = [], b = []] = [blocks.get('a'), blocks.get('b')];
  const ratios = toRatios(b, a);
  near(median(ratios), 4, 0.1);
  const spread = (samples: readonly number[]): number => medianAbsoluteDeviation(samples) / median(samples);
  assert.ok(spread(ratios) < spread(a.flat()) / 3, `${spread(ratios)} against ${spread(a.flat())}`);
});

test('a cancelled context ends it before the next block', async () => {
  const controller = new AbortController();
  const { clock, calls, contender } = createMachine();
  const a = contender('a', 60);
  const cancelling: Contender = {
    ...a,
    async time(count) {
      if (calls.length === 3) controller.abort();
      return a.time(count);
    },
  };
  let code: unknown;
  await runInterleaved([cancelling], length, createContext({ clock, signal: controller.signal })).catch((error: { code: unknown }) => {
    code = error.code;
  });
  assert.is(code, 'cancelled');
  assert.is(calls.length, 4);
});

test.run();
