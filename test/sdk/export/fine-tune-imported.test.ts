import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import type { Model } from '@precrop/sdk/export/model';
import { exportModel, importModel } from '@precrop/sdk/export/registry';
import { toInference } from '@precrop/sdk/program/training-step';
import { selectWeights } from '@precrop/sdk/program/variables';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { computeLogits, createImages } from '../../support/model-zoo.js';
import { allNear } from '../../support/near.js';
import { createShapesTrainer, shortRecipe } from '../../support/train-shapes.js';

const trained = await trainOneEpoch();

for (const fold of [false, true]) {
  test(`a trained network that went through an ONNX file${fold ? ', folded,' : ''} learns on from where it was`, async () => {
    const imported = await importModel(await exportModel(trained.model, 'onnx', { fold }));
    assert.is(
      imported.architecture.nodes.some(({ op }) => op === 'batch-norm'),
      !fold,
    );
    const images = createImages(imported.architecture, 2);
    allNear(await computeLogits(imported, images), await computeLogits(trained.model, images), 1e-4);

    const tuned = await trainOneEpoch(imported);
    assert.ok(tuned.testLoss < trained.testLoss, `test loss ${tuned.testLoss} after fine-tuning, ${trained.testLoss} before`);
    const [early, late] = [mean(tuned.losses.slice(0, 5)), mean(tuned.losses.slice(-5))];
    assert.ok(late < early, `training loss ${late} at the end, ${early} at the start`);
    assert.ok((tuned.losses[0] ?? 0) < (trained.losses[0] ?? 0), 'it does not begin anew');
    const changed = [...tuned.model.weights].filter(([name, values]) =>
      values.some((value, index) => value !== imported.weights.get(name)?.[index]),
    );
    assert.is(changed.length, imported.weights.size, 'every weight has learned');
  });
}

/** From random weights, or gently from a model's. */
async function trainOneEpoch(start?: Model): Promise<{
  readonly model: Model;
  readonly losses: readonly number[];
  readonly testLoss: number;
}> {
  const losses: number[] = [];
  const context = createContext({ emit: (event) => event.type === 'step' && losses.push(event.loss) });
  const architecture = start?.architecture ?? createArchitecture('resnet-20-w4');
  const schedule = start ? { ...shortRecipe.schedule, peak: 0.01 } : shortRecipe.schedule;
  const options = { architecture, recipe: { ...shortRecipe, schedule, epochs: 1 }, ...(start ? { weights: start.weights } : {}) };
  const trainer = await createShapesTrainer(options, context);
  try {
    const { testLoss } = await trainer.trainEpoch();
    const weights = selectWeights([toInference(architecture)], await trainer.readWeights());
    return { model: { architecture, weights, metadata: {} }, losses, testLoss };
  } finally {
    await trainer.close();
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test.run();
