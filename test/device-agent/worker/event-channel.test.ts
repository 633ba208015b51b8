import { createEventChannel } from '@precrop/device-agent/worker/event-channel';
import type { RunEvent } from '@precrop/sdk/core/events';
import { createRng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const step = (epoch: number, index: number): RunEvent => ({
  type: 'step',
  epoch,
  step: index,
  stepsPerEpoch: 100,
  loss: 1,
  learningRate: 0.1,
  stepMs: 1,
});
const warning: RunEvent = { type: 'warning', message: 'w' };

/** Sends events at times; gives what came through and when. */
function send(events: readonly (readonly [number, RunEvent])[]): RunEvent[] {
  let now = 0;
  const sent: RunEvent[] = [];
  const channel = createEventChannel(
    (event) => sent.push(event),
    () => now,
  );
  for (const [time, event] of events) {
    now = time;
    channel.emit(event);
  }
  channel.flush();
  return sent;
}

test('slow steps all come through', () => {
  const events = Array.from({ length: 10 }, (_, index): [number, RunEvent] => [index * 60, step(0, index)]);
  assert.equal(
    send(events),
    events.map(([, event]) => event),
  );
});

test('whatever comes, the order is kept, only steps and progress are dropped, and the last of each run of steps is kept', () => {
  const rng = createRng(3);
  for (let trial = 0; trial < 200; trial++) {
    let time = 0;
    const events = Array.from({ length: 40 }, (_, index): [number, RunEvent] => {
      time += rng.integer(0, 30);
      return [time, rng.uniform() < 0.2 ? { type: 'warning', message: `${index}` } : step(rng.integer(0, 1), index)];
    });
    const all = events.map(([, event]) => event);
    const sent = send(events);
    const places = sent.map((event) => all.indexOf(event));
    assert.ok(places.every((place, index) => index === 0 || place > (places[index - 1] as number)));
    assert.equal(
      sent.filter(({ type }) => type === 'warning'),
      all.filter(({ type }) => type === 'warning'),
    );
    all.forEach((event, index) => {
      const next = all[index + 1];
      const lastOfRun = event.type === 'step' && !(next?.type === 'step' && next.epoch === event.epoch);
      if (lastOfRun) assert.ok(sent.includes(event), `the last step before ${next?.type} was lost`);
    });
  }
});

test('fast steps are thinned to twenty a second', () => {
  const events = Array.from({ length: 1000 }, (_, index): [number, RunEvent] => [index, step(0, index)]);
  const sent = send([...events, [1000, warning]]);
  assert.ok(sent.length >= 20 && sent.length <= 23, `${sent.length}`);
  assert.equal(sent.slice(-2), [step(0, 999), warning]);
});

test.run();
