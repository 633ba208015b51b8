import { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { createProgress } from '@precrop/device-agent/cli/progress';
import type { RunEvent } from '@precrop/sdk/core/events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** A stderr that keeps what is written. */
function createStream(isTTY: boolean): { readonly stream: NodeJS.WriteStream; readonly writes: string[] } {
  const writes: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.toString());
      done();
    },
  });
  return { stream: Object.assign(sink, { isTTY, columns: 100, rows: 40 }) as unknown as NodeJS.WriteStream, writes };
}

function step(epoch: number, index: number): RunEvent {
  return { type: 'step', epoch, step: index, stepsPerEpoch: 500, loss: 1, learningRate: 0.1, stepMs: 1 };
}

const record = {
  epoch: 0,
  trainLoss: 1,
  trainAccuracy: 0.4,
  testLoss: 1,
  testAccuracy: 0.5,
  learningRate: 0,
  trainSeconds: 1,
  evaluateSeconds: 1,
};

test('on a terminal two tasks stand one below the other and are redrawn at most ten times a second', async () => {
  const { stream, writes } = createStream(true);
  const progress = createProgress(stream);
  const [original, crop] = progress.start([
    { title: 'original', epochs: 2 },
    { title: 'crop', epochs: 2 },
  ]);
  const start = performance.now();
  for (let index = 0; index < 400; index++) {
    original?.update(step(0, index));
    crop?.update(step(0, index));
    await setTimeout(1);
  }
  const seconds = (performance.now() - start) / 1000;
  const frames = writes.filter((text) => text.includes('original')).length;
  original?.succeed('done well');
  crop?.fail();
  await progress.close();
  // Two more for each task that appears.
  assert.ok(frames >= 1 && frames <= 10 * seconds + 6, `${frames} frames in ${seconds} s`);
  const last = writes.filter((text) => text.includes('done well')).at(-1) ?? '';
  assert.match(last, /original {2}done well\n.*crop {6}\S/);
  assert.match(last, 'epoch 1/2');
});

test('on a terminal lines that are said meanwhile follow the tasks, and the next tasks wait for these', async () => {
  const { stream, writes } = createStream(true);
  const progress = createProgress(stream);
  const [first] = progress.start([{ title: 'first' }]);
  await setTimeout(50); // it is drawn by now
  first?.update({ type: 'warning', message: 'mind this' });
  first?.succeed('one');
  const [second] = progress.start([{ title: 'second' }]);
  second?.succeed('two');
  await progress.close();
  const all = writes.join('');
  const places = ['first  one', '! mind this', 'second  two'].map((text) => all.lastIndexOf(text));
  assert.ok(
    places.every((place, index) => place > (places[index - 1] ?? -1)),
    all,
  );
});

test('elsewhere each milestone is a plain line', async () => {
  const { stream, writes } = createStream(false);
  const progress = createProgress(stream);
  const [task] = progress.start([{ title: 'crop', epochs: 1 }]);
  for (let index = 0; index < 500; index++) task?.update(step(0, index));
  task?.update({ type: 'epoch', record });
  task?.update({ type: 'warning', message: 'mind this' });
  task?.succeed('done');
  task?.fail('too late');
  await progress.close();
  assert.is(writes.join(''), '  crop: epoch 1/1  loss 1.000  test 50.0 %  1.00 s\n! mind this\n✓ crop: done\n');
});

test('work that throws ends its task, and the error comes through', async () => {
  for (const isTTY of [true, false]) {
    const { stream } = createStream(isTTY);
    const error = new Error('broken');
    const thrown = await createProgress(stream)
      .run({ title: 'work' }, () => Promise.reject(error))
      .catch((caught: unknown) => caught);
    assert.is(thrown, error);
  }
});

test.run();
