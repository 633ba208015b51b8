import { checkProfileOfHost } from '@precrop/device-agent/profiler/check-profile-of-host';
import type { DeviceProfile } from '@precrop/sdk/cost/device-profile';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleHost } from './sample-host.js';
import { sampleProfile } from './sample-profile.js';

const reasonsOf = (change: Partial<DeviceProfile>, host = sampleHost) => checkProfileOfHost({ ...sampleProfile, ...change }, host);

test('nothing speaks against a profile of this device as it is', () => {
  assert.equal(reasonsOf({}), []);
});

test('a profile of another device is foreign, and both are named', () => {
  const [doubt, ...rest] = reasonsOf({ deviceId: 'fedcba9876543210', device: 'Other CPU, 64 cores, 512 GB' });
  assert.is(doubt?.kind, 'foreign');
  assert.match(
    doubt?.reason ?? '',
    /"Other CPU, 64 cores, 512 GB" \(id fedcba9876543210\).*"Sample CPU, 2 cores, 8\.00 GB" \(id 0123456789abcdef\)/,
  );
  assert.equal(rest, []);
});

test('other cores, and other versions of what ran, make it stale; of what did not run, not', () => {
  const capped = reasonsOf({}, { ...sampleHost, limits: { ...sampleHost.limits, usableCores: 1 } });
  assert.equal(
    capped.map(({ kind }) => kind),
    ['stale'],
  );
  assert.match(capped[0]?.reason ?? '', /measured on 2 cores, and now 1 core can be used/);
  const versions = { ...sampleHost.versions, 'onnxruntime-node': '1.31.0', libtensorflow: '2.22.0' };
  const updated = reasonsOf({}, { ...sampleHost, versions });
  assert.equal(
    updated.map(({ kind }) => kind),
    ['stale'],
  );
  assert.match(updated[0]?.reason ?? '', /onnxruntime-node 1\.30\.0, and now it is 1\.31\.0/);
});

test('one that was measured on a busy machine says so', () => {
  const [doubt] = reasonsOf({ verdict: 'noisy', reasons: ['Other programs took half.'] });
  assert.is(doubt?.kind, 'unsteady');
  assert.match(doubt?.reason ?? '', /The profile is noisy: Other programs took half\./);
});

test.run();
