import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listExperiments, putBetween, toEvidenceFiles } from './evidence.js';
import { readRepositoryFile, repositoryRoot } from './read-tree.js';

const test = suite('evidence');

test('there is evidence, and all that is made of it is up to date', async () => {
  assert.ok(listExperiments().length > 0);
  for (const { path, text } of await toEvidenceFiles()) {
    const isFresh = existsSync(join(repositoryRoot, path)) && readRepositoryFile(path) === text;
    assert.ok(
      isFresh,
      `${path} is not what the trainings under profiles/evidence make of it. Run npm run evidence, look at it, and commit it.`,
    );
  }
});

test('content goes between its marks, and nothing else is touched', () => {
  const text = 'a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb <!-- y:begin --> c <!-- y:end -->\n';
  const once = putBetween(text, 'x', 'new');
  assert.is(once, 'a\n<!-- x:begin -->\n\nnew\n\n<!-- x:end -->\nb <!-- y:begin --> c <!-- y:end -->\n');
  assert.is(putBetween(once, 'x', 'new'), once);
});

test('a missing, doubled or turned mark is an error', () => {
  for (const text of [
    '',
    '<!-- x:begin -->',
    '<!-- x:end --><!-- x:begin -->',
    '<!-- x:begin --><!-- x:end --><!-- x:begin --><!-- x:end -->',
  ]) {
    assert.throws(() => putBetween(text, 'x', 'new'), /each once/);
  }
});

test.run();
