import { loadHost } from '@precrop/device-agent/host/host';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findSecrets } from './find-secrets.js';

test('the machine is told, and neither its name nor its user', async () => {
  const host = await loadHost();
  assert.ok(host.cores >= 1 && Number.isInteger(host.cores));
  assert.ok(host.memoryBytes > 100e6 && Number.isFinite(host.memoryBytes));
  for (const words of [host.device, host.cpu, host.os, host.power]) assert.ok(words.trim().length > 2, JSON.stringify(host));
  assert.ok(host.device.includes(host.cpu));
  assert.is(host.versions['node'], process.versions.node);
  assert.match(host.versions['precrop'] ?? '', /^\d+\.\d+\.\d+/);
  assert.equal(findSecrets(host), []);
});

test.run();
