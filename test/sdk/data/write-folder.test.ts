import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '@precrop/sdk/core/errors';
import { writeFolder } from '@precrop/sdk/data/write-folder';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { catchError, withFolder } from './fixtures.js';

test(
  'the folder appears only when it is filled, and takes the place of an older one',
  withFolder(async (root) => {
    const target = join(root, 'a', 'b');
    await mkdir(target, { recursive: true });
    await writeFile(join(target, 'old'), 'old');
    await writeFolder(target, async (folder) => {
      await writeFile(join(folder, 'new'), 'new');
      assert.equal(await readdir(target), ['old']);
    });
    assert.equal(await readdir(target), ['new']);
    assert.is(await readFile(join(target, 'new'), 'utf8'), 'new');
    assert.equal(await readdir(join(root, 'a')), ['b']);
  }),
);

test(
  'when filling fails the older folder stays and the error is passed on',
  withFolder(async (root) => {
    const target = join(root, 'b');
    await mkdir(target);
    await writeFile(join(target, 'old'), 'old');
    const failure = new TypeError('a defect');
    const error = await catchError(() =>
      writeFolder(target, async (folder) => {
        await writeFile(join(folder, 'new'), 'new');
        throw failure;
      }),
    );
    assert.is(error, failure);
    assert.equal(await readdir(root), ['b']);
    assert.equal(await readdir(target), ['old']);
  }),
);

test(
  'what the disk refuses is a storage error in words',
  withFolder(async (root) => {
    for (const [code, words] of [
      ['ENOSPC', 'the disk is full'],
      ['EACCES', 'is not allowed'],
      ['EROFS', 'read-only'],
    ] as const) {
      const refuse = () => Promise.reject(Object.assign(new Error(code), { code }));
      const error = await catchError(() => writeFolder(join(root, 'b'), refuse));
      assert.instance(error, StorageError);
      assert.match(error.message, words);
      assert.match(error.message, join(root, 'b'));
    }
    await writeFile(join(root, 'file'), '');
    assert.instance(await catchError(() => writeFolder(join(root, 'file', 'b'), async () => {})), StorageError);
    assert.equal(await readdir(root), ['file']);
  }),
);

test.run();
