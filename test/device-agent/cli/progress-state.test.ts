import { advance, createProgressState, type ProgressState, toMilestone, toProgressLine } from '@precrop/device-agent/cli/progress-state';
import type { RunEvent } from '@precrop/sdk/core/events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

function step(epoch: number, index: number, stepMs = 100): RunEvent {
  return { type: 'step', epoch, step: index, stepsPerEpoch: 390, loss: 1.2345, learningRate: 0.1, stepMs };
}

function epochDone(epoch: number, evaluateSeconds = 2): RunEvent {
  const record = { epoch, trainLoss: 1.1, trainAccuracy: 0.5, testLoss: 1, testAccuracy: 0.712, learningRate: 0.1, trainSeconds: 39 };
  return { type: 'epoch', record: { ...record, evaluateSeconds } };
}

function after(events: readonly RunEvent[], epochs?: number): ProgressState {
  return events.reduce((state, event, index) => advance(state, event, index * 1000), createProgressState(epochs));
}

test('a line never exceeds its columns and keeps the epoch and the accuracy longest', () => {
  const state = after([epochDone(0), step(1, 40)], 30);
  const full = toProgressLine(state, 200, 0);
  assert.is(full, '░░░░░░░░░░░░  epoch  2/30  step  41/390  loss 1.234  test 71.2 %  100 ms/step  20 min left');
  for (let columns = 1; columns <= 120; columns++) assert.ok(toProgressLine(state, columns, 0).length <= columns);
  assert.is(toProgressLine(state, 25, 0), 'epoch  2/30  test 71.2 %');
});

test('the time left counts steps and evaluations, and falls to nothing', () => {
  const left = (state: ProgressState): string | undefined => /\d+ s left/.exec(toProgressLine(state, 200, 0))?.[0];
  assert.is(left(after([step(0, 0)], 1)), '39 s left');
  assert.is(left(after([epochDone(0, 10), step(1, 0)], 2)), '49 s left');
  assert.is(left(after([step(0, 389), epochDone(0)], 1)), undefined);
});

test('a slow first step does not spoil the time left', () => {
  const line = toProgressLine(after([step(0, 0, 5000), step(0, 1, 100), step(0, 2, 100)], 1), 200, 0);
  assert.match(line, '100 ms/step');
});

test('an amount shows how much of how much, and after a second how long still', () => {
  const amount = (done: number): RunEvent => ({ type: 'progress', name: 'cifar10', done, total: 139e6, unit: 'bytes' });
  const phase: RunEvent = { type: 'phase', name: 'fetch', message: 'Fetching CIFAR-10' };
  const first = after([phase, amount(0)]);
  assert.is(toProgressLine(first, 200, 1000), 'Fetching CIFAR-10  ░░░░░░░░░░░░  0 B of 139 MB');
  const later = advance(first, amount(69.5e6), 11_000);
  assert.is(toProgressLine(later, 200, 11_000), 'Fetching CIFAR-10  ██████░░░░░░  69.5 MB of 139 MB  10 s left');
});

test('without a terminal only phases, quarters and epochs are told', () => {
  const events: readonly RunEvent[] = [
    { type: 'phase', name: 'fetch', message: 'Fetching' },
    ...Array.from({ length: 101 }, (_, done): RunEvent => ({ type: 'progress', name: 'file', done, total: 100, unit: 'bytes' })),
    ...Array.from({ length: 390 }, (_, index) => step(0, index)),
    epochDone(0),
    { type: 'warning', message: 'told elsewhere' },
  ];
  let state = createProgressState(2);
  const told = events.flatMap((event) => {
    const before = state;
    state = advance(state, event, 0);
    return toMilestone(before, state, event) ?? [];
  });
  assert.equal(told, [
    'Fetching',
    ...[0, 25, 50, 75, 100].map((done) => `Fetching: ${done} B of 100 B`),
    'epoch 1/2  loss 1.100  test 71.2 %  39.0 s  41 s left',
  ]);
});

test.run();
