import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostDescriptionSchema } from '@precrop/device-agent/protocol/host-description';
import { parseDeviceProfile } from '@precrop/sdk/cost/device-profile';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readRepositoryFile, repositoryRoot } from './read-tree.js';
import { toSchemaFiles } from './schemas.js';

const test = suite('schemas');

test('profiles/schema is what the code makes of it, and holds nothing else', () => {
  const files = toSchemaFiles();
  for (const { path, text } of files) {
    const isFresh = existsSync(join(repositoryRoot, path)) && readRepositoryFile(path) === text;
    assert.ok(isFresh, `${path} is not what the code makes of it. Run npm run schema, look at it, and commit it.`);
  }
  const names = readdirSync(join(repositoryRoot, 'profiles/schema')).map((name) => `profiles/schema/${name}`);
  assert.equal(names.filter((name) => name.endsWith('.json')).sort(), files.map(({ path }) => path).sort());
});

test('a schema says what is needed, and refuses what is unknown', () => {
  const [profile] = toSchemaFiles().filter(({ path }) => path.endsWith('/device-profile.schema.json'));
  const schema = JSON.parse(profile?.text ?? '{}');
  assert.is(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.is(schema.additionalProperties, false);
  for (const name of ['schemaVersion', 'deviceId', 'inference', 'verdict']) assert.ok(schema.required.includes(name), name);
});

test('every profile in profiles/devices is one that this release reads', () => {
  const folder = 'profiles/devices';
  for (const name of readdirSync(join(repositoryRoot, folder)).filter((each) => each.endsWith('.json'))) {
    const profile = parseDeviceProfile(JSON.parse(readRepositoryFile(`${folder}/${name}`)), name);
    const host = hostDescriptionSchema.safeParse(profile.host);
    assert.ok(host.success, `${name}: its host is not described as this release does: ${host.error?.message}`);
    assert.is(profile.deviceId, host.data?.deviceId, name);
  }
});

test.run();
