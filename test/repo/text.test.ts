import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../support/skip.js';
import { listTrackedFiles, readRepositoryFile, repositoryRoot } from './read-tree.js';
import { checkLinks, checkLockFile, checkText } from './text-rules.js';

const test = suite('text');
const tracked = listTrackedFiles();
const maxTextBytes = 2_000_000;

if (tracked === undefined) {
  skip(test, 'tracked files keep the text rules', 'this copy of the repository is no git checkout');
} else {
  test('tracked files keep the text rules', () => {
    assert.ok(tracked.length > 10);
    const broken = tracked.filter(isText).flatMap((path) => checkText(path, readRepositoryFile(path)));
    assert.ok(broken.length === 0, broken.join('\n'));
  });

  test('links between the documents lead somewhere', () => {
    const documents = tracked.filter((path) => path.endsWith('.md'));
    const broken = documents.flatMap((path) =>
      checkLinks(path, readRepositoryFile(path), (linked) => existsSync(join(repositoryRoot, linked))),
    );
    assert.ok(broken.length === 0, broken.join('\n'));
  });
}

test('the lock file binds no install to a host', () => {
  const broken = checkLockFile(JSON.parse(readRepositoryFile('package-lock.json')));
  assert.ok(broken.length === 0, broken.slice(0, 5).join('\n'));
  assert.match(readRepositoryFile('.npmrc'), /^omit-lockfile-registry-resolved=true$/m);
});

test('machine paths and registry hosts are found with their line', () => {
  const path = ['', 'work', 'main'].join('/');
  assert.equal(checkText('a.md', `one\nsee ${path}`).length, 1);
  assert.match(checkText('a.md', `one\nsee ${path}`)[0] as string, /^a\.md:2: "\/work\/" names a path/);
  assert.is(checkText('a.json', `"https://registry.npm${'js.org'}/x"`).length, 1);
  assert.equal(checkText('a.md', 'a/work/b, ./work/x, https://example.com/work/c, framework/, /workers/'), []);
});

test('links are resolved from their document, and code is no link', () => {
  const exists = (path: string): boolean => path === 'docs/method.md' || path === 'README.md';
  assert.equal(
    checkLinks('docs/a.md', '[a](method.md#cost) [b](../README.md) [c](/README.md) [d](https://x.y/z.md) [e](#here)', exists),
    [],
  );
  assert.is(checkLinks('docs/a.md', '[a](README.md)', exists).length, 1);
  assert.is(checkLinks('README.md', '![picture](docs/missing.svg "a title")', exists).length, 1);
  assert.is(checkLinks('README.md', '<img src="docs/missing.svg">', exists).length, 1);
  assert.equal(checkLinks('README.md', 'write `[a](b.md)`\n```md\n[a](b.md)\n```\n', exists), []);
});

test('an address in the lock file is found, a link to a workspace is none', () => {
  const packages = {
    'node_modules/a': { resolved: 'https://example.com/a.tgz' },
    'node_modules/b': { resolved: 'sdk', link: true },
    'node_modules/c': {},
  };
  assert.is(checkLockFile({ packages }).length, 1);
});

function isText(path: string): boolean {
  const whole = join(repositoryRoot, path);
  return (
    statSync(whole).isFile() &&
    statSync(whole).size < maxTextBytes &&
    !/\.(png|jpg|gif|ico|woff2?|wasm|pb|bin|onnx|tflite|gz|parquet)$/.test(path)
  );
}

test.run();
