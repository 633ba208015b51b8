import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noFindings } from '@precrop/device-agent/profiler/findings';
import { openProfileDraft } from '@precrop/device-agent/store/profile-draft';
import { deviceProfilePath, loadDeviceProfile, saveDeviceProfile } from '@precrop/device-agent/store/profile-store';
import type { PreCropError } from '@precrop/sdk/core/errors';
import type { DeviceProfile } from '@precrop/sdk/cost/device-profile';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleHost } from '../profiler/sample-host.js';
import { sampleEngine, sampleProfile } from '../profiler/sample-profile.js';

const folder = mkdtempSync(join(tmpdir(), 'precrop-store-'));
test.after(() => rmSync(folder, { recursive: true }));

const timing = { network: 'resnet-20', widths: { stage1: 8 }, batch: 1, isRandom: false, medianMs: 1.25, lowMs: 1.2, highMs: 1.3 };
const engine = {
  ...sampleEngine,
  timings: [{ ...timing, cores: 'usual' as const, madMs: 0.01, samplesMs: [1.25, 1.2, 1e-7], verdict: 'valid' as const }],
};
const profile: DeviceProfile = { ...sampleProfile, inference: [engine] };
const failureOf = (work: Promise<unknown>): Promise<PreCropError> =>
  work.then(
    () => assert.unreachable('It worked.'),
    (error) => error,
  );

test('what is saved is loaded, and a network has its samples on one line', async () => {
  const path = deviceProfilePath(folder);
  await saveDeviceProfile(profile, path);
  assert.equal(await loadDeviceProfile(path), profile);
  assert.match(readFileSync(path, 'utf8'), /"samplesMs": \[1\.25, 1\.2, 1e-7\]/);
});

test('one that is not there, is no JSON or is damaged ends in a sentence that says what to do', async () => {
  const path = join(folder, 'other.json');
  const absent = await failureOf(loadDeviceProfile(path));
  assert.is(absent.code, 'usage');
  assert.match(absent.message, /There is no profile at .*other\.json\. Make one with precrop profile/);
  writeFileSync(path, JSON.stringify(profile).slice(0, 200));
  assert.match((await failureOf(loadDeviceProfile(path))).message, /is damaged: it is no JSON\. Make it anew/);
  writeFileSync(path, JSON.stringify({ ...profile, machine: { ...profile.machine, peakGflops: -1 } }));
  assert.match((await failureOf(loadDeviceProfile(path))).message, /is damaged at "machine\.peakGflops"/);
});

test('a draft goes on for the same request on the same device, and for nothing else', async () => {
  let now = 0;
  const open = (request: unknown = { extent: 'quick' }, host = sampleHost) => openProfileDraft(host, request, () => now, folder);
  const findings = { ...noFindings, inference: [engine], machine: { peakGflops: 100, bandwidthGbPerS: 10 }, partsDone: 2, seconds: 12 };
  const draft = open();
  assert.is(await draft.load(), undefined);
  await draft.save(findings);
  assert.equal(await open().load(), findings);
  assert.is(await open({ extent: 'deep' }).load(), undefined);
  assert.is(await open(undefined, { ...sampleHost, deviceId: 'fedcba9876543210' }).load(), undefined);
  assert.is(await open(undefined, { ...sampleHost, versions: { ...sampleHost.versions, node: '22.0.0' } }).load(), undefined);

  now = 500;
  await draft.save({ ...findings, seconds: 13 });
  assert.is((await open().load())?.seconds, 12, 'not written twice within a second');
  await draft.flush();
  assert.is((await open().load())?.seconds, 13);
  await draft.remove();
  assert.is(await open().load(), undefined);
});

test('a draft that was cut off is none', async () => {
  writeFileSync(join(folder, 'profiles', 'unfinished.json'), '{"schemaVersion":1,"key":"');
  assert.is(await openProfileDraft(sampleHost, {}, () => 0, folder).load(), undefined);
});

test.run();
