import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createContext } from '@precrop/sdk/core/context';
import { DataError, UsageError } from '@precrop/sdk/core/errors';
import type { RunEvent } from '@precrop/sdk/core/events';
import { cifar10Layout } from '@precrop/sdk/data/cifar10-layout';
import { datasetNames, loadDataset, loadDefaultDataset, probeDataset } from '@precrop/sdk/data/registry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { catchError, withFolder } from './fixtures.js';

const context = createContext();

test('an unknown name is a usage error that lists the known ones', async () => {
  for (const name of ['imagenet', '', 'toString']) {
    for (const work of [
      () => loadDataset(name, { cacheDirectory: 'unused', context }),
      () => probeDataset(name, { cacheDirectory: 'unused' }),
    ]) {
      const error = await catchError(work);
      assert.instance(error, UsageError);
      assert.is(error.message, `There is no data set "${name}". Choose one of: cifar10, fashion-mnist, shapes.`);
    }
  }
});

test(
  'every data set says whether it is there, and why not',
  withFolder(async (folder) => {
    for (const name of datasetNames) {
      const probe = await probeDataset(name, { cacheDirectory: folder });
      assert.ok(probe.status === 'ready' || probe.reason.length > 10, name);
    }
    assert.is((await probeDataset('cifar10', { cacheDirectory: folder })).status, 'downloadable');
    assert.is((await probeDataset('shapes', { cacheDirectory: folder })).status, 'ready');
  }),
);

test('the seed reaches the data set that is drawn', async () => {
  const load = (seed: number) => loadDataset('shapes', { cacheDirectory: 'unused', context, seed });
  const [one, two] = [await load(1), await load(2)];
  assert.equal([one.name, one.train.count, one.test.count], ['shapes', 10_000, 2_000]);
  assert.not.equal(one.train.images.subarray(0, 3072), two.train.images.subarray(0, 3072));
});

test(
  'by default shapes stand in for a CIFAR-10 that cannot be had, with a warning',
  withFolder(async (folder) => {
    const events: RunEvent[] = [];
    const warned = createContext({ emit: (event) => events.push(event) });
    const dataset = await loadDefaultDataset({ cacheDirectory: folder, context: warned, offline: true });
    assert.is(dataset.name, 'shapes');
    assert.equal(
      events.map(({ type }) => type),
      ['warning'],
    );
  }),
);

test(
  'by default a damaged CIFAR-10 is an error, not replaced in silence',
  withFolder(async (folder) => {
    await mkdir(join(folder, 'cifar10'));
    for (const { name } of cifar10Layout.files) await writeFile(join(folder, 'cifar10', name), 'cut short');
    const error = await catchError(() => loadDefaultDataset({ cacheDirectory: folder, context, offline: true }));
    assert.instance(error, DataError);
    assert.match(error.message, /data_batch_1\.bin has 9 bytes, but must have 30730000/);
  }),
);

test.run();
