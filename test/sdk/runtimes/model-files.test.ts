import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelFileError, UsageError } from '@precrop/sdk/core/errors';
import type { ModelFile } from '@precrop/sdk/export/format';
import { exportModel, formatNames } from '@precrop/sdk/export/registry';
import { loadModelFile, writeModelFile } from '@precrop/sdk/runtimes/model-files';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../../support/every-op.js';
import { createModel } from '../../support/model-zoo.js';

const folder = await mkdtemp(join(tmpdir(), 'precrop-test-'));
const model = createModel(createEveryOp());
const paths = { onnx: 'net.onnx', tflite: 'net.TFLITE', 'saved-model': 'saved', tfjs: 'web' } as const;
let count = 0;

async function makeFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const made = join(folder, `${count++}`);
  await mkdir(made);
  for (const [name, content] of Object.entries(files)) await writeFile(join(made, name), content);
  return made;
}

// Writers may give a Buffer, which is another class.
function plain({ format, files }: ModelFile): unknown {
  return [format, [...files].map(([path, bytes]) => [path, Uint8Array.from(bytes)])];
}

async function errorOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => assert.unreachable('it was taken'),
    (reason: Error) => reason,
  ) as Promise<Error>;
}

for (const format of formatNames) {
  test(`${format}: what is written is read again, also over what was there`, async () => {
    const path = join(await makeFolder(), 'deep', paths[format]);
    const file = await exportModel(model, format);
    for (let time = 0; time < 2; time++) {
      await writeModelFile(path, file);
      assert.equal(plain(await loadModelFile(path)), plain(file));
    }
    assert.equal(await readdir(join(path, '..')), [paths[format]], 'nothing else is left');
  });
}

test('a model.json stands for its folder, and other files of a folder are not read', async () => {
  const file = await exportModel(model, 'tfjs');
  const path = join(await makeFolder(), 'web');
  await writeModelFile(path, file);
  await writeFile(join(path, 'notes.txt'), 'mine');
  assert.equal(await loadModelFile(join(path, 'model.json')), file);
  assert.equal(await loadModelFile(path), file);
});

test('a SavedModel of another program has its graph alone', async () => {
  const path = await makeFolder({ 'saved_model.pb': 'graph', 'fingerprint.pb': 'x' });
  const { format, files } = await loadModelFile(path);
  assert.is(format, 'saved-model');
  assert.equal([...files.keys()], ['saved_model.pb']);
});

test('a path that is no model is answered with what can be one', async () => {
  const empty = await makeFolder({ 'notes.txt': '' });
  for (const path of [join(folder, 'absent'), join(folder, 'absent', 'net.onnx')]) {
    const error = await errorOf(loadModelFile(path));
    assert.instance(error, UsageError);
    assert.match(error.message, /^There is nothing at .*Name an \.onnx/);
  }
  for (const path of [empty, join(empty, 'notes.txt')]) {
    const error = await errorOf(loadModelFile(path));
    assert.instance(error, UsageError);
    assert.match(error.message, /is no model that PreCrop knows\. Name an \.onnx/);
  }
});

test('a folder with the name of a file, and files that are missing, are refused', async () => {
  const path = join(await makeFolder(), 'net.onnx');
  await mkdir(path);
  assert.instance(await errorOf(loadModelFile(path)), UsageError);

  const written = join(await makeFolder(), 'web');
  const file = await exportModel(model, 'tfjs');
  await writeModelFile(written, file);
  const shard = [...file.files.keys()].find((name) => name !== 'model.json') as string;
  await rm(join(written, shard));
  const error = await errorOf(loadModelFile(written));
  assert.instance(error, ModelFileError);
  assert.match(error.message, /which is not there\.$/);
});

test('weights outside of their folder are not read', async () => {
  const secret = await makeFolder({ secret: 'key' });
  for (const path of ['../secret', join(secret, 'secret'), 'a/../../secret', 'a\\b', 'c:x', '', '.', 'a//b']) {
    const json = JSON.stringify({ modelTopology: {}, weightsManifest: [{ paths: [path], weights: [] }] });
    const error = await errorOf(loadModelFile(await makeFolder({ 'model.json': json })));
    assert.instance(error, ModelFileError, path);
    assert.match(error.message, /not within its folder\.$/);
  }
});

test('files of more than 2 GB are refused before they are read', async () => {
  const made = await makeFolder({ 'net.onnx': '', 'net.tflite': '' });
  await truncate(join(made, 'net.onnx'), 5e9); // takes no disk
  const before = process.memoryUsage().rss;
  const error = await errorOf(loadModelFile(join(made, 'net.onnx')));
  assert.instance(error, ModelFileError);
  assert.match(error.message, /5\.00 GB, more than the 2\.00 GB that PreCrop reads/);
  assert.ok(process.memoryUsage().rss - before < 1e8);
});

test('no folder is replaced that holds anything else', async () => {
  const file = await exportModel(model, 'tfjs');
  const project = await makeFolder({ 'model.json': '{}', 'thesis.txt': 'years of work' });
  const error = await errorOf(writeModelFile(project, file));
  assert.instance(error, UsageError);
  assert.match(error.message, /holds "thesis\.txt", which a model in tfjs would replace\./);
  assert.is(await readFile(join(project, 'thesis.txt'), 'utf8'), 'years of work');
  assert.is(await readFile(join(project, 'model.json'), 'utf8'), '{}');
});

test('a file does not become a folder, nor a folder a file', async () => {
  const made = await makeFolder({ text: 'mine' });
  for (const [path, format] of [
    [join(made, 'text'), 'saved-model'],
    [made, 'onnx'],
  ] as const) {
    const file: ModelFile = { format, files: new Map([['x', new Uint8Array(1)]]) };
    assert.instance(await errorOf(writeModelFile(path, file)), UsageError);
  }
  assert.is(await readFile(join(made, 'text'), 'utf8'), 'mine');
});

test.after(() => rm(folder, { recursive: true }));
test.run();
