// @serial
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as precrop from '@precrop/sdk';
import { encode } from 'fast-png';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('the door is what the README shows, and nothing by accident', () => {
  assert.equal(Object.keys(precrop).sort(), [
    'BudgetError',
    'PreCropError',
    'compress',
    'countArchitecture',
    'createArchitecture',
    'createContext',
    'createCostModel',
    'createTrainer',
    'cropArchitecture',
    'defaultRecipe',
    'exportModel',
    'findFront',
    'importModel',
    'listArchitectures',
    'loadDataset',
    'loadImageFile',
    'loadModelFile',
    'measureLiveness',
    'parseArchitecture',
    'parseDeviceProfile',
    'pickPlan',
    'probeBackends',
    'rankClasses',
    'readWidths',
    'selectBackend',
    'selectRuntime',
    'selectWeights',
    'toInference',
    'toTrainingStep',
    'train',
    'withWidths',
    'writeModelFile',
  ]);
});

test('ten lines crop a network, train it and run it; ten more export it and tell what is in a picture', async () => {
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
  assert.is(probabilities.length, 20);
  assert.ok(Math.abs(probabilities.reduce((sum, share) => sum + share, 0) - 2) < 1e-5);

  const metadata = { classNames: dataset.classNames, normalization: { mean: dataset.mean, std: dataset.std } };
  const file = await precrop.exportModel({ architecture, weights, metadata }, 'onnx', { bakeNormalization: true });
  const path = join(cacheDirectory, 'net.onnx');
  await precrop.writeModelFile(path, file);
  const picture = join(cacheDirectory, 'photo.png');
  await writeFile(picture, encode({ width: 32, height: 32, channels: 3, data: part.images.slice(0, 32 * 32 * 3) }));

  const { runtime } = await precrop.selectRuntime('auto', 'onnx');
  const session = await runtime.load(await precrop.loadModelFile(path), { threads: 2 });
  const logits = await session.infer(await precrop.loadImageFile(picture, session.input));
  const [likeliest] = precrop.rankClasses(logits, dataset.classNames);
  await session.dispose();

  // The picture is the first training image: the trained program, which reads normalised pixels, says the same.
  const images = Float32Array.from(
    part.images.subarray(0, 32 * 32 * 3),
    (value, index) => (value / 255 - (dataset.mean[index % 3] ?? 0)) / (dataset.std[index % 3] ?? 1),
  );
  const { probabilities: expected = new Float32Array() } = await inference.run('infer', { images });
  inference.dispose();
  await rm(cacheDirectory, { recursive: true, force: true });
  assert.ok(dataset.classNames.includes(likeliest?.name ?? ''));
  assert.ok(Math.abs((likeliest?.probability ?? 0) - Math.max(...expected)) < 1e-4);
});

test.run();
