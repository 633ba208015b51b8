import { probeSteadiness } from '@precrop/device-agent/compare/probe-steadiness';
import { createContext } from '@precrop/sdk/core/context';
import { CancelledError } from '@precrop/sdk/core/errors';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const steady = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => 20 + (index % 2) * 0.1);
const restless = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => 20 + (index % 4) * 8);

/** Answers in turn; the first is the warm-up's. */
function createClock(answers: readonly ((count: number) => readonly number[])[]) {
  let calls = 0;
  return { time: async (count: number) => (answers[calls++] ?? steady)(count), calls: () => calls };
}

test('a steady machine is asked once, after a warm-up that does not count', async () => {
  const { time, calls } = createClock([restless, steady]);
  const { verdict, tries, samplesMs, reasons } = await probeSteadiness(time, createContext(), async () => assert.unreachable());
  assert.equal({ verdict, tries, reasons, calls: calls() }, { verdict: 'valid', tries: 1, reasons: [], calls: 2 });
  assert.ok(samplesMs.length >= 8);
});

test('a busy machine is waited for', async () => {
  const events: string[] = [];
  const context = createContext({ emit: (event) => event.type === 'phase' && events.push(event.message ?? '') });
  let waits = 0;
  const { time } = createClock([steady, restless, steady]);
  const { verdict, tries } = await probeSteadiness(time, context, async () => waits++);
  assert.equal({ verdict, tries, waits }, { verdict: 'valid', tries: 2, waits: 1 });
  assert.match(events.join(), 'the machine is busy');
});

test('one that stays busy is asked thrice, and its verdict says so', async () => {
  const { time, calls } = createClock([steady, restless, restless, restless]);
  const { verdict, tries, reasons } = await probeSteadiness(time, createContext(), async () => {});
  assert.is.not(verdict, 'valid');
  assert.is(tries, 3);
  assert.is(calls(), 4);
  assert.ok(reasons.length > 0);
});

test('a cancel is heard while it waits', async () => {
  const cancellation = new AbortController();
  const { time } = createClock([steady, restless]);
  const wait = async (): Promise<void> => {
    cancellation.abort();
    throw new Error('aborted');
  };
  try {
    await probeSteadiness(time, createContext({ signal: cancellation.signal }), wait);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, CancelledError);
  }
});

test.run();
