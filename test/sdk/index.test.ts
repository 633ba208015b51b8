// @serial
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as precrop from '@precrop/sdk';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('the door is what the README shows, and nothing by accident', () => {
  assert.equal(Object.keys(precrop).sort(), [
    'PreCropError',
    'countArchitecture',
    'createArchitecture',
    'createContext',
    'createTrainer',
    'cropArchitecture',
    'defaultRecipe',
    'listArchitectures',
    'loadDataset',
    'measureLiveness',
    'parseArchitecture',
    'probeBackends',
    'readWidths',
    'selectBackend',
    'selectWeights',
    'toInference',
    'toTrainingStep',
    'train',
    'withWidths',
  ]);
});

test('ten lines crop a network, train it and run it', async () => {
  const cacheDirectory = await mkdtemp(join(tmpdir(), 'precrop-door-'));
  const { architecture } = precrop.cropArchitecture(precrop.createArchitecture('resnet-20-w8'), {
    density: 'synexp',
    budget: { macs: 0.5 },
    align: 2,
  });
  const context = precrop.createContext();
  const all = await precrop.loadDataset('shapes', { cacheDirectory, context });
  const part = { images: all.train.images.subarray(0, 64 * 32 * 32 * 3), labels: all.train.labels.subarray(0, 64), count: 64 };
  const dataset = { ...all, train: part, test: part };
  const { backend } = await precrop.selectBackend('auto');
  const recipe = { ...precrop.defaultRecipe, epochs: 1, batch: 32 };
  const { records, weights } = await precrop.train({ architecture, dataset, recipe, backend, context });
  assert.is(records.length, 1);

  const program = precrop.toInference(architecture);
  const inference = await backend.compile([program]);
  await inference.writeVariables(precrop.selectWeights([program], weights));
  const { probabilities = new Float32Array() } = await inference.run('infer', { images: new Float32Array(2 * 32 * 32 * 3) });
  inference.dispose();
  await rm(cacheDirectory, { recursive: true, force: true });
  assert.is(probabilities.length, 20);
  assert.ok(Math.abs(probabilities.reduce((sum, share) => sum + share, 0) - 2) < 1e-5);
});

test.run();
