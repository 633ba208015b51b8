import { describeClockJump, toClockJump, watchClock } from '@precrop/device-agent/measure/clock-guard';
import { judge } from '@precrop/device-agent/measure/validity';
import { createRng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** Two clocks that go together until one is pushed. */
function createClocks() {
  let [first, second] = [1000, 5e12];
  return {
    clock: () => first,
    second: () => second,
    pass(ms: number) {
      first += ms;
      second += ms;
    },
    pushFirst(ms: number) {
      first += ms;
    },
    pushSecond(ms: number) {
      second += ms;
    },
  };
}

test('clocks that go together are believed, a coarse and slightly fast one too', () => {
  const rng = createRng(2);
  const { clock, second, pass, pushSecond } = createClocks();
  const guard = watchClock(clock, second);
  for (let block = 0; block < 200; block++) {
    const ms = rng.uniform() * 3000;
    pass(ms);
    pushSecond(rng.uniform() * 10 + ms * 0.02);
    assert.is(guard.check(ms * 0.99), null);
  }
});

for (const [what, push, kind, sign] of [
  ['forward', 400, 'apart', 1],
  ['back within a block', -150, 'apart', -1],
  ['back beyond its begin', -400, 'backwards', -1],
] as const) {
  test(`a clock that jumps ${what} is noticed once and for all, with by how much`, () => {
    const { clock, second, pass, pushFirst } = createClocks();
    const guard = watchClock(clock, second);
    pass(200);
    assert.is(guard.check(), null);
    pass(200);
    pushFirst(push);
    guard.check();
    pass(200);
    const jump = guard.check();
    assert.is(jump?.kind, kind);
    assert.is(Math.sign(jump?.jumpMs ?? 0), sign);
    assert.is(Math.abs(jump?.jumpMs ?? 0), Math.abs(push));
    const { verdict, reasons } = judge(Array(20).fill(10), { clockJump: jump });
    assert.is(verdict, 'invalid');
    assert.match(reasons.join(), `${Math.abs(push)} ms`);
  });
}

test('a jump of the second clock is noticed as well: nobody knows which is right', () => {
  const { clock, second, pass, pushSecond } = createClocks();
  const guard = watchClock(clock, second);
  pass(100);
  pushSecond(3_600_000);
  assert.match(describeClockJump(guard.check() as never), 'back by 1 h 0 min');
});

test('times that add up to more than went by are noticed', () => {
  const { clock, second, pass } = createClocks();
  const guard = watchClock(clock, second);
  pass(100);
  const jump = guard.check(180);
  assert.equal(jump, { kind: 'samples', jumpMs: 80, elapsedMs: 100 });
  assert.match(describeClockJump(jump as never), 'ran ahead by 80.0 ms while 100 ms');
});

test('a jump counts above both 20 ms and 5 %', () => {
  const from = { clockMs: 0, secondMs: 0 };
  assert.is(toClockJump(from, { clockMs: 30, secondMs: 11 }), null);
  assert.is(toClockJump(from, { clockMs: 1000, secondMs: 960 }), null);
  assert.ok(toClockJump(from, { clockMs: 1000, secondMs: 940 }));
});

test.run();
