// @serial
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { loadDeviceProfile } from '@precrop/device-agent/store/profile-store';
import { parseDeviceProfile } from '@precrop/sdk/cost/device-profile';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runPrecrop } from './run-precrop.js';

// Its own folder: this user's profile of this device stays as it is. What trains here may be slower for want of a library, and is not looked at.
const folder = mkdtempSync(join(tmpdir(), 'precrop-profile-'));
process.env['PRECROP_CACHE'] = folder;
test.after(() => rmSync(folder, { recursive: true, force: true }));

const args = ['profile', '--quick', '--limit', '15', '--arch', 'resnet-20-w4', '--runtime', 'onnxruntime/cpu'];
const unfinished = join(folder, 'profiles', 'unfinished.json');

test('interrupted by Ctrl-C it keeps what it found, and goes on with it when it is asked again', async () => {
  let isSent = false;
  const interrupted = await runPrecrop(args, {
    onStderr: (text, child) => {
      if (isSent || !/Finding what trains here/.test(text)) return;
      isSent = true;
      child.kill('SIGINT');
    },
  });
  assert.is(interrupted.code, 130, interrupted.stderr);
  assert.ok(existsSync(unfinished));

  const file = join(folder, 'made.json');
  const ended = await runPrecrop([...args, '--json', '-o', file]);
  assert.is(ended.code, 0, ended.stderr);
  assert.match(ended.stderr, /Going on with a profile that was interrupted after/);
  assert.not(existsSync(unfinished));
  const document = jsonDocumentSchema.parse(JSON.parse(ended.stdout));
  const profile = parseDeviceProfile(document.results[0]);
  const { cores, ...rates } = profile.machine;
  const { handshakeNs = null, sharing = null } = cores ?? {};
  assert.equal(document.summary, { seconds: profile.seconds, ...rates, handshakeNs, sharing });
  assert.is(document.conditions.runtime, 'onnxruntime/cpu');
  assert.equal(await loadDeviceProfile(file), profile);
  assert.equal(await loadDeviceProfile(join(folder, 'profiles', 'device.json')), profile);
  assert.ok(profile.inference[0]?.timings.some(({ network }) => network === 'resnet-20-w4'));
});

test('a bench of it measures networks that it does not know', async () => {
  const { code, stdout, stderr } = await runPrecrop(['bench', 'cost-model', '--json', '--arch', 'resnet-20', '--settings', '1']);
  assert.is(code, 0, stderr);
  const { summary } = jsonDocumentSchema.parse(JSON.parse(stdout));
  assert.is(summary['settings'], 1);
  assert.is(summary['statedCoverage'], 0.9);
});

test.run();
