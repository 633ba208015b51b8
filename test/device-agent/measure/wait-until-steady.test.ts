import { leastLoadWindowMs, type MachineLoad } from '@precrop/device-agent/measure/machine-load';
import { createSpeedWatch } from '@precrop/device-agent/measure/throttling';
import { waitUntilSteady } from '@precrop/device-agent/measure/wait-until-steady';
import { createContext } from '@precrop/sdk/core/context';
import { CancelledError } from '@precrop/sdk/core/errors';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const steady = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => 20 + (index % 2) * 0.1);
const restless = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => 20 + (index % 4) * 8);

/** Answers in turn, the last again and again; the first is the warm-up's. Its clock moves only while it works or waits. */
function createMachine(answers: readonly ((count: number) => readonly number[])[]) {
  let now = 0;
  let calls = 0;
  const waits: number[] = [];
  return {
    waits,
    calls: () => calls,
    clock: () => now,
    async time(count: number) {
      const samples = (answers[calls++] ?? (answers.at(-1) as typeof steady))(count);
      now += samples.reduce((sum, sample) => sum + sample, 0);
      return samples;
    },
    async wait(ms: number) {
      waits.push(ms);
      now += ms;
    },
  };
}

const watchOf = (loads: readonly MachineLoad[]) => {
  let opened = 0;
  return { open: async () => async () => loads[opened++] ?? (loads.at(-1) as MachineLoad) };
};

const loadOf = (othersShare: number): MachineLoad => ({ othersShare, stealShare: 0 });

test('a steady machine is asked once, after a warm-up that does not count', async () => {
  const { time, calls, clock, wait, waits } = createMachine([restless, steady]);
  const { verdict, tries, samplesMs, reasons } = await waitUntilSteady(time, createContext({ clock }), { wait });
  assert.equal({ verdict, tries, reasons, calls: calls(), waits }, { verdict: 'valid', tries: 1, reasons: [], calls: 2, waits: [] });
  assert.ok(samplesMs.length >= 8);
});

test('a busy machine is waited for', async () => {
  const events: string[] = [];
  const { time, clock, wait, waits } = createMachine([steady, restless, steady]);
  const context = createContext({ clock, emit: (event) => event.type === 'phase' && events.push(event.message ?? '') });
  const { verdict, tries } = await waitUntilSteady(time, context, { wait });
  assert.equal({ verdict, tries, waits: waits.length }, { verdict: 'valid', tries: 2, waits: 1 });
  assert.match(events.join(), 'the machine is busy');
});

test('the wait is bounded, and the verdict says why it was given up', async () => {
  const { time, clock, wait, calls } = createMachine([restless]);
  const { verdict, tries, reasons } = await waitUntilSteady(time, createContext({ clock }), { wait, mostWaitMs: 5000 });
  assert.is.not(verdict, 'valid');
  assert.ok(reasons.length > 0);
  assert.ok(tries >= 2 && clock() <= 5000 + 1000, `${tries} tries took ${clock()} ms`);
  assert.is(calls(), tries + 1);
});

test('it is bounded even where the clock stands still', async () => {
  const { time, calls } = createMachine([restless]);
  await waitUntilSteady(time, createContext({ clock: () => 0 }), { wait: async () => {} });
  assert.ok(calls() > 3 && calls() < 15, `${calls()} calls`);
});

test('other programs are waited for although the work takes as long as ever', async () => {
  const { time, clock, wait } = createMachine([steady]);
  const load = watchOf([loadOf(0.6), loadOf(0.4), loadOf(0.02)]);
  const { verdict, tries } = await waitUntilSteady(time, createContext({ clock }), { wait, load });
  assert.equal({ verdict, tries }, { verdict: 'valid', tries: 3 });

  const crowded = await waitUntilSteady(time, createContext({ clock }), { wait, load: watchOf([loadOf(0.6)]) });
  assert.is(crowded.verdict, 'invalid');
  assert.match(crowded.reasons.join(' '), 'Other programs took 60.0 %');
});

test('quick work is watched for as long as the load takes to be seen', async () => {
  const quick = (count: number): readonly number[] => steady(count).map((ms) => ms / 20);
  const { time, clock, wait, waits } = createMachine([quick]);
  await waitUntilSteady(time, createContext({ clock }), { wait, load: watchOf([loadOf(0)]) });
  assert.is(waits.length, 1);
  assert.ok((waits[0] ?? 0) > leastLoadWindowMs - 50);
});

test('a throttled processor is waited for, and taken as it is once it stays so', async () => {
  let workMs = 10;
  const { time, clock, wait } = createMachine([steady]);
  const speed = createSpeedWatch(clock, { everyMs: 0, time: () => workMs });
  const context = createContext({ clock });
  const ask = () => waitUntilSteady(time, context, { wait, speed, load: watchOf([loadOf(0)]) });
  speed.probe();
  workMs = 12.5;
  for (let probe = 0; probe < 3; probe++) speed.probe();

  const throttled = await ask();
  assert.is(throttled.verdict, 'noisy');
  assert.match(throttled.reasons.join(' '), 'throttled');
  assert.equal(await ask().then(({ verdict, tries }) => ({ verdict, tries })), { verdict: 'valid', tries: 1 });
});

test('a processor that recovers is not taken for slower', async () => {
  let workMs = 10;
  const machine = createMachine([steady]);
  const speed = createSpeedWatch(machine.clock, { everyMs: 0, time: () => workMs });
  speed.probe();
  workMs = 20;
  for (let probe = 0; probe < 3; probe++) speed.probe();
  const wait = async (ms: number): Promise<void> => {
    await machine.wait(ms);
    workMs = 10;
  };
  const { verdict, tries } = await waitUntilSteady(machine.time, createContext({ clock: machine.clock }), { wait, speed });
  assert.equal({ verdict, tries }, { verdict: 'valid', tries: 2 });
});

test('a cancel is heard while it waits', async () => {
  const cancellation = new AbortController();
  const { time } = createMachine([steady, restless]);
  const wait = async (): Promise<void> => {
    cancellation.abort();
    throw new Error('aborted');
  };
  try {
    await waitUntilSteady(time, createContext({ signal: cancellation.signal }), { wait });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, CancelledError);
  }
});

test.run();
