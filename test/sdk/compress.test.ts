// @serial
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BudgetError,
  compress,
  countArchitecture,
  createArchitecture,
  createContext,
  createCostModel,
  defaultRecipe,
  exportModel,
  loadDataset,
  selectBackend,
} from '@precrop/sdk';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSyntheticProfile } from '../support/synthetic-profile.js';

const profile = createSyntheticProfile(40);
const architecture = createArchitecture('resnet-20-w8');
const recipe = { ...defaultRecipe, epochs: 1, batch: 32 };

async function loadParts(cacheDirectory: string) {
  const context = createContext();
  const all = await loadDataset('shapes', { cacheDirectory, context });
  const part = { images: all.train.images.subarray(0, 64 * 32 * 32 * 3), labels: all.train.labels.subarray(0, 64), count: 64 };
  const { backend } = await selectBackend('auto');
  return { context, backend, dataset: { ...all, train: part, test: part } };
}

test('a profile, a budget and data give a trained network that is predicted to hold the budget', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'precrop-compress-'));
  const { context, backend, dataset } = await loadParts(folder);
  const before = createCostModel(profile).inference[0]?.estimateMs(architecture, 1).value ?? 0;
  const { model, plan, records } = await compress(architecture, {
    profile,
    budget: { latencyMs: 0.75 * before },
    align: 2,
    dataset,
    backend,
    context,
    recipe,
  });
  assert.ok((plan.cost.latencyMs ?? 0) <= 0.75 * before);
  assert.ok(countArchitecture(model.architecture).macs < countArchitecture(architecture).macs);
  assert.is(records.length, 1);
  const file = await exportModel(model, 'onnx', { bakeNormalization: true });
  assert.is(file.files.size, 1);

  let thrown: unknown;
  const impossible = compress(architecture, { profile, budget: { latencyMs: 1e-3 }, dataset, backend, context, recipe });
  await impossible.catch((error: unknown) => {
    thrown = error;
  });
  assert.instance(thrown, BudgetError);
  assert.match(
    (thrown as Error).message,
    /A latency of 0\.001\d* ms cannot be held on .*: resnet-20-w8 .* takes at least .*The nearest plan takes/,
  );
  await rm(folder, { recursive: true });
});

test.run();
