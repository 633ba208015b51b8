import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFront, saveFront } from '@precrop/device-agent/store/front-store';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { findFront } from '@precrop/sdk/plan/front';
import { pickPlan } from '@precrop/sdk/plan/pick';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const key = { architecture: 'resnet-20', objective: 'synexp', align: 8, growth: 1, inference: null, training: null, profileHash: 'h' };

test('a front comes back as it was, and another key finds none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'precrop-fronts-'));
  try {
    const front = findFront(createArchitecture('resnet-20'), {}, { objective: 'uniform' });
    assert.is(await loadFront(key, folder), undefined);
    await saveFront(key, front, folder);
    const kept = await loadFront(key, folder);
    assert.equal(kept, front);
    assert.equal(kept && pickPlan(kept, { macs: 1e7 }), pickPlan(front, { macs: 1e7 }));
    assert.is(await loadFront({ ...key, profileHash: 'other' }, folder), undefined);
    assert.is(await loadFront({ ...key, align: 4 }, folder), undefined);
    const [file = ''] = readdirSync(join(folder, 'fronts'));
    writeFileSync(join(folder, 'fronts', file), '{"schemaVersion":1');
    assert.is(await loadFront(key, folder), undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
