import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import type { Recipe } from '@precrop/sdk/train/recipe';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createShapesTrainer, shortRecipe } from '../../support/train-shapes.js';

test('without a native library, a network learns on wasm', async () => {
  const recipe: Recipe = { ...shortRecipe, epochs: 4, augment: 'none' };
  const trainer = await createShapesTrainer({ recipe, backend: createTfjsEagerBackend({ device: 'wasm' }) });
  while (!trainer.finished) await trainer.trainEpoch();
  const [first, last] = [trainer.records.at(0), trainer.records.at(-1)];
  await trainer.close();
  assert.ok(first && last && last.trainLoss < 0.92 * first.trainLoss, `${first?.trainLoss} and then ${last?.trainLoss}`);
  assert.ok(last.testLoss < first.testLoss, `${first.testLoss} and then ${last.testLoss} on the test images`);
});

test.run();
