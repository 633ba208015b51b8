import { type EngineProfile, parseDeviceProfile } from '@precrop/sdk/cost/device-profile';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSyntheticProfile } from '../../support/synthetic-profile.js';

const profile = createSyntheticProfile(2);

test('a profile survives being written and read', () => {
  assert.equal(parseDeviceProfile(JSON.parse(JSON.stringify(profile))), profile);
});

test('a profile of the versions before is brought up to date', () => {
  const { cores: _, ...machine } = profile.machine;
  const toThird = (engine: EngineProfile) => ({ ...engine, timings: engine.timings.map(({ isRandom: _, ...each }) => each) });
  const third = { ...profile, schemaVersion: 3, inference: profile.inference.map(toThird), training: profile.training.map(toThird) };
  const toFourth = (engine: EngineProfile) => ({ ...engine, timings: engine.timings.map((each) => ({ ...each, isRandom: false })) });
  const known = { ...profile, inference: profile.inference.map(toFourth), training: profile.training.map(toFourth) };
  const unknown = { ...known, machine: { ...machine, cores: null } };
  assert.equal(parseDeviceProfile(third), known);
  assert.equal(parseDeviceProfile({ ...third, schemaVersion: 2, machine: { ...machine, handshakeNs: 100 } }), known);
  assert.equal(parseDeviceProfile({ ...third, schemaVersion: 2, machine: { ...machine, handshakeNs: null } }), unknown);
  assert.equal(parseDeviceProfile({ ...third, schemaVersion: 1, machine }), unknown);
});

test('a damaged profile of a version before is damaged, and nothing worse', () => {
  for (const damage of [{ machine: null }, { inference: 'none' }, { training: [null] }, { inference: [{ timings: 3 }] }]) {
    assert.throws(() => parseDeviceProfile({ ...profile, schemaVersion: 2, ...damage }), /is damaged at "/);
  }
});

test('what is no profile, damaged, or of a later version is said in a sentence', () => {
  assert.throws(() => parseDeviceProfile({ widths: {} }, 'a.json'), /a\.json is no device profile: it has no schemaVersion/);
  assert.throws(() => parseDeviceProfile('text'), /no device profile/);
  assert.throws(() => parseDeviceProfile(null), /no device profile/);
  assert.throws(() => parseDeviceProfile({ ...profile, schemaVersion: 7 }), /schema version 7, and this release reads versions 1 to 4/);
  assert.throws(
    () => parseDeviceProfile({ ...profile, machine: { ...profile.machine, peakGflops: -1 } }),
    /damaged at "machine\.peakGflops".*Make it anew with precrop profile/,
  );
  assert.throws(() => parseDeviceProfile({ ...profile, inference: [] }), /damaged at "inference"/);
});

test.run();
