// @serial
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { foldBatchNorm } from '@precrop/sdk/export/fold';
import type { Model } from '@precrop/sdk/export/model';
import { savedModel } from '@precrop/sdk/export/saved-model/format';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { computeLogits, createImages, createModel, listZoo } from '../../support/model-zoo.js';
import { findPython, findScript } from '../../support/python.js';
import { skip } from '../../support/skip.js';
import { type PythonProcess, startPython } from '../../support/start-python.js';

const script = findScript(import.meta.dirname, 'read_saved_models.py');
const python = findPython(['numpy', 'tensorflow']);
if ('path' in python) registerTests(python.path);
else skip(test, "SavedModels in Python's TensorFlow", python.reason);

interface Reading {
  readonly input: readonly number[];
  readonly difference: number;
  readonly alone: number;
}

function registerTests(path: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'precrop-saved-model-'));
  const reader = startPython(path, script);
  for (const { name, architecture } of listZoo()) {
    const isLarge = architecture.input[0] > 64;
    test(`${name}: Python's TensorFlow gives our logits`, async () => {
      const model = createModel(architecture);
      const images = createImages(architecture, isLarge ? 1 : 3);
      const logits = await computeLogits(model, images);
      for (const each of isLarge ? [foldBatchNorm(model)] : [model, foldBatchNorm(model)]) {
        const { input, difference, alone } = await read(each, { images, logits }, folder, reader);
        assert.equal(input, architecture.input);
        assert.ok(difference <= 1e-4, `differs by ${difference}`);
        assert.ok(alone <= 1e-4, `the first image alone differs by ${alone}`);
      }
    });
  }
  test.after(() => {
    reader.stop();
    rmSync(folder, { recursive: true });
  });
}

async function read(
  model: Model,
  values: Readonly<Record<'images' | 'logits', Float32Array>>,
  folder: string,
  reader: PythonProcess,
): Promise<Reading> {
  const write = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  for (const [path, bytes] of savedModel.write(model, { float16: false, sparse: false, batch: 1 }).files) write(`model/${path}`, bytes);
  for (const [name, { buffer, byteOffset, byteLength }] of Object.entries(values)) {
    write(`${name}.bin`, new Uint8Array(buffer, byteOffset, byteLength));
  }
  return JSON.parse(await reader.ask(folder)) as Reading;
}

test.run();
