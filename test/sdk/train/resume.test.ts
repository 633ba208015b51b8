// @serial
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Weights } from '@precrop/sdk/backends/backend';
import { createContext } from '@precrop/sdk/core/context';
import { loadCheckpoint } from '@precrop/sdk/train/checkpoint';
import type { Trainer } from '@precrop/sdk/train/trainer';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createShapesTrainer, shortRecipe } from '../../support/train-shapes.js';

let folder = '';
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precrop-resume-'));
});
test.after(() => rm(folder, { recursive: true, force: true }));

async function finish(trainer: Trainer): Promise<Weights> {
  while (!trainer.finished) await trainer.trainEpoch();
  const weights = await trainer.readWeights();
  await trainer.close();
  return weights;
}

function assertSameBits(actual: Weights, expected: Weights): void {
  assert.equal([...actual.keys()], [...expected.keys()]);
  for (const [name, values] of expected) {
    const bits = (array: Float32Array | undefined): Buffer => Buffer.from(array?.buffer ?? new ArrayBuffer(0));
    assert.ok(bits(actual.get(name)).equals(bits(values)), `${name} differs`);
  }
}

let uninterrupted: Weights;
test('two runs of the same recipe give the same bits', async () => {
  uninterrupted = await finish(await createShapesTrainer());
  assertSameBits(await finish(await createShapesTrainer()), uninterrupted);
});

test('a run killed in mid-epoch and resumed gives the bits of one that was not', async () => {
  const checkpoint = join(folder, 'killed');
  const script = fileURLToPath(new URL('../../support/train-until-killed.js', import.meta.url));
  const child = spawn(process.execPath, [script, checkpoint], { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    assert.not.match(text, /finished/);
    child.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => child.once('exit', (_code, name) => resolve(name)));
  assert.is(signal, 'SIGKILL');
  const { state } = (await loadCheckpoint(checkpoint)) ?? {};
  assert.ok(state && state.step > 0, `the checkpoint stands in mid-epoch: epoch ${state?.epoch}, step ${state?.step}`);

  const resumed = await createShapesTrainer({ checkpoint });
  assertSameBits(await finish(resumed), uninterrupted);
  assert.is(resumed.records.length, shortRecipe.epochs);
});

test('a cancelled run keeps its state, and goes on from the very step', async () => {
  const checkpoint = join(folder, 'cancelled');
  const controller = new AbortController();
  let steps = 0;
  const emit = (event: { type: string }): void => {
    if (event.type === 'step' && ++steps === 5) controller.abort('Stopped by the test.');
  };
  const trainer = await createShapesTrainer({ checkpoint }, createContext({ signal: controller.signal, emit }));
  try {
    await trainer.trainEpoch();
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /Stopped by the test/);
  }
  await trainer.close();
  assert.is((await loadCheckpoint(checkpoint))?.state.step, 5);
  assertSameBits(await finish(await createShapesTrainer({ checkpoint })), uninterrupted);
});

test('a checkpoint of another recipe is refused in a sentence', async () => {
  const checkpoint = join(folder, 'cancelled');
  try {
    await createShapesTrainer({ checkpoint, recipe: { ...shortRecipe, seed: 1 } });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /belongs to another run/);
  }
});

test('a loss that is no number ends in a sentence, and the last good state is kept', async () => {
  const checkpoint = join(folder, 'nan');
  const recipe = { ...shortRecipe, schedule: { ...shortRecipe.schedule, peak: 1e20 } };
  const trainer = await createShapesTrainer({ checkpoint, recipe });
  try {
    await trainer.trainEpoch();
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /The loss became (NaN|Infinity) in epoch 1, step \d+.*lower peak learning rate/);
  }
  await trainer.close();
  assert.is(await loadCheckpoint(checkpoint), undefined);
});

test.run();
