import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '@precrop/sdk/train/checkpoint';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const checkpoint: Checkpoint = {
  state: {
    description: 'abc',
    seed: 3,
    epoch: 2,
    step: 17,
    metrics: { images: 64, loss: 100.5, correct: 12 },
    trainedMs: 1234.5,
    records: [],
  },
  weights: new Map([
    ['a/kernel', Float32Array.of(1.5, -0, Number.MIN_VALUE, 3e38)],
    ['empty', new Float32Array()],
    ['b', Float32Array.from({ length: 1000 }, (_, index) => Math.fround(Math.sin(index)))],
  ]),
};

let folder = '';
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precrop-checkpoint-'));
});
test.after(() => rm(folder, { recursive: true, force: true }));

test('what is saved is loaded, to the bit', async () => {
  const path = join(folder, 'whole');
  await saveCheckpoint(path, checkpoint);
  assert.equal(await loadCheckpoint(path), checkpoint);
  assert.ok(Object.is(checkpoint.weights.get('a/kernel')?.[1], -0));
});

test('no file is no checkpoint', async () => {
  assert.is(await loadCheckpoint(join(folder, 'none')), undefined);
});

test('a file cut short, or with one changed byte, is refused in a sentence', async () => {
  const path = join(folder, 'damaged');
  await saveCheckpoint(path, checkpoint);
  const whole = await readFile(path);
  const changed = Buffer.from(whole);
  changed[whole.length - 7] = (changed[whole.length - 7] as number) ^ 1;
  for (const bytes of [whole.subarray(0, whole.length - 1), whole.subarray(0, 10), Buffer.alloc(0), changed]) {
    await writeFile(path, bytes);
    try {
      await loadCheckpoint(path);
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /is damaged.*Delete it/);
    }
  }
});

test('a checkpoint that cannot be written is a sentence, and leaves nothing beside it', async () => {
  const file = join(folder, 'a-file');
  await writeFile(file, '');
  try {
    await saveCheckpoint(join(file, 'below-a-file'), checkpoint);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /could not be written/);
  }
  assert.not.ok((await readdir(folder)).some((name) => name.includes('partial')));
});

test.run();
