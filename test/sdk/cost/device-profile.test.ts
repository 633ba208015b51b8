import { parseDeviceProfile } from '@precrop/sdk/cost/device-profile';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSyntheticProfile } from '../../support/synthetic-profile.js';

const profile = createSyntheticProfile(2);

test('a profile survives being written and read', () => {
  assert.equal(parseDeviceProfile(JSON.parse(JSON.stringify(profile))), profile);
});

test('a profile of the versions before is brought up to date', () => {
  const { cores: _, ...machine } = profile.machine;
  const unknown = { ...profile, machine: { ...machine, cores: null } };
  assert.equal(parseDeviceProfile({ ...profile, schemaVersion: 1, machine }), unknown);
  assert.equal(parseDeviceProfile({ ...profile, schemaVersion: 2, machine: { ...machine, handshakeNs: null } }), unknown);
  const second = { ...profile, schemaVersion: 2, machine: { ...machine, handshakeNs: 100 } };
  assert.equal(parseDeviceProfile(second), profile);
});

test('what is no profile, damaged, or of a later version is said in a sentence', () => {
  assert.throws(() => parseDeviceProfile({ widths: {} }, 'a.json'), /a\.json is no device profile: it has no schemaVersion/);
  assert.throws(() => parseDeviceProfile('text'), /no device profile/);
  assert.throws(() => parseDeviceProfile(null), /no device profile/);
  assert.throws(() => parseDeviceProfile({ ...profile, schemaVersion: 7 }), /schema version 7, and this release reads versions 1 to 3/);
  assert.throws(
    () => parseDeviceProfile({ ...profile, machine: { ...profile.machine, peakGflops: -1 } }),
    /damaged at "machine\.peakGflops".*Make it anew with precrop profile/,
  );
  assert.throws(() => parseDeviceProfile({ ...profile, inference: [] }), /damaged at "inference"/);
});

test.run();
