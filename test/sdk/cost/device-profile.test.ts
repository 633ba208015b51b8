import { parseDeviceProfile } from '@precrop/sdk/cost/device-profile';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSyntheticProfile } from '../../support/synthetic-profile.js';

const profile = createSyntheticProfile(2);

test('a profile survives being written and read', () => {
  assert.equal(parseDeviceProfile(JSON.parse(JSON.stringify(profile))), profile);
});

test('a profile of the version before is brought up to date', () => {
  const { training, ...rest } = profile;
  const older = { ...rest, schemaVersion: 0, trainer: training[0] };
  assert.equal(parseDeviceProfile(older), profile);
  assert.equal(parseDeviceProfile({ ...older, trainer: null }).training, []);
});

test('what is no profile, damaged, or of a later version is said in a sentence', () => {
  assert.throws(() => parseDeviceProfile({ widths: {} }, 'a.json'), /a\.json is no device profile: it has no schemaVersion/);
  assert.throws(() => parseDeviceProfile('text'), /no device profile/);
  assert.throws(() => parseDeviceProfile(null), /no device profile/);
  assert.throws(() => parseDeviceProfile({ ...profile, schemaVersion: 7 }), /schema version 7, and this release reads versions up to 1/);
  assert.throws(
    () => parseDeviceProfile({ ...profile, machine: { peakGflops: -1, bandwidthGbPerS: 5 } }),
    /damaged at "machine\.peakGflops".*Make it anew with precrop profile/,
  );
  assert.throws(() => parseDeviceProfile({ ...profile, inference: [] }), /damaged at "inference"/);
});

test.run();
