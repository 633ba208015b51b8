import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { libtensorflowHeaders, libtensorflowWheels } from '@precrop/device-agent/setup/libtensorflow-wheels';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const fromSdk = createRequire(import.meta.resolve('@precrop/sdk/core/errors'));
const tfjsNode = dirname(fromSdk.resolve('@tensorflow/tfjs-node/package.json'));
const bindingGyp = readFileSync(join(tfjsNode, 'binding.gyp'), 'utf8');

test('a machine has one wheel at most, and no two wheels are the same file', () => {
  const distinct = (values: readonly string[]): void => assert.is(new Set(values).size, libtensorflowWheels.length);
  distinct(libtensorflowWheels.map(({ platform, arch }) => `${platform} ${arch}`));
  distinct(libtensorflowWheels.map(({ sha256 }) => sha256));
  for (const { sha256 } of libtensorflowWheels) assert.match(sha256, /^[0-9a-f]{64}$/);
});

test('the libraries get the names that binding.gyp of the installed tfjs-node links against', () => {
  for (const { platform, libraries } of libtensorflowWheels) {
    const names = libraries.flatMap(({ path, links }) => [basename(path), ...links]);
    const wanted =
      platform === 'darwin'
        ? [...bindingGyp.matchAll(/deps\/lib\/(lib[\w.]+\.dylib)'/g)].map(([, name]) => name)
        : [...bindingGyp.matchAll(/'-l(tensorflow\w*)'/g)].map(([, name]) => `lib${name}.so`);
    assert.is(wanted.length, 2);
    for (const name of wanted) assert.ok(names.includes(name as string), `${platform} has no ${name}`);
  }
});

test('every TensorFlow header that the sources of the installed tfjs-node include is taken', () => {
  const sources = [
    'tfjs_backend.cc',
    'tfjs_binding.cc',
    'tfjs_backend.h',
    'utils.h',
    'tf_auto_status.h',
    'tf_auto_tensor.h',
    'tfe_auto_op.h',
  ];
  const included = sources.flatMap((name) => [
    ...readFileSync(join(tfjsNode, 'binding', name), 'utf8').matchAll(/#include "((?:tensorflow|tsl|xla)\/.+)"/g),
  ]);
  assert.ok(included.length >= 2);
  for (const [, header] of included) assert.ok(libtensorflowHeaders.includes(header as string), `${header} is not taken`);
});

test.run();
