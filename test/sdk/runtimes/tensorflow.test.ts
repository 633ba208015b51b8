import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { type Binding, countThreads, loadBinding } from '@precrop/sdk/backends/tensorflow-graph/binding';
import { BackendError, ModelFileError, UsageError } from '@precrop/sdk/core/errors';
import { foldBatchNorm } from '@precrop/sdk/export/fold';
import type { ModelFile } from '@precrop/sdk/export/format';
import type { Model } from '@precrop/sdk/export/model';
import { savedModel } from '@precrop/sdk/export/saved-model/format';
import { attr, encodeSavedModel } from '@precrop/sdk/graph-def/graph-proto';
import { createTensorflowRuntime } from '@precrop/sdk/runtimes/tensorflow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { computeLogits, createImages, createModel, cropHalf } from '../../support/model-zoo.js';
import { allNear } from '../../support/near.js';
import { skip } from '../../support/skip.js';

const runtime = createTensorflowRuntime();
const probe = await runtime.probe();
if ('device' in probe) registerTests();
else skip(test, 'the runtime tensorflow', probe.reason);

function registerTests(): void {
  for (const name of ['resnet-20-w4', 'mobilenet-v2-x0.35-cifar', 'shufflenet-v1-g3-x0.5-cifar', 'shufflenet-v2-x0.5-cifar']) {
    test(`${name} and its crop give the logits of the backend, folded or not, at every batch`, async () => {
      const original = createArchitecture(name);
      for (const architecture of [original, cropHalf(original)]) {
        const model = createModel(architecture);
        const images = createImages(architecture, 3);
        const expected = await computeLogits(model, images);
        for (const each of [model, foldBatchNorm(model)]) {
          const session = await runtime.load(toFile(each));
          assert.equal([session.input, session.classes], [architecture.input, architecture.classes]);
          allNear(await session.infer(images), expected, 1e-4);
          const first = images.subarray(0, images.length / 3);
          allNear(await session.infer(first), expected.subarray(0, architecture.classes), 1e-4);
          await session.dispose();
        }
      }
    });
  }

  const small = toFile(foldBatchNorm(createModel(createArchitecture('resnet-20-w4'))));

  test('values that are no whole number of images are refused in a sentence', async () => {
    const session = await runtime.load(small);
    for (const length of [0, 1, 3071, 3073]) {
      const error = await errorOf(session.infer(new Float32Array(length)));
      assert.instance(error, UsageError);
      assert.is((error as Error).message, `${length} values are no whole number of images of 32x32x3, which have 3072 each.`);
    }
    await session.dispose();
  });

  test('sessions do not mind each other, and nothing is left of one that was disposed twice', async () => {
    const binding = loadBinding() as Binding & { getNumOfTensors(): number; getNumOfSavedModels(): number };
    const count = (): readonly number[] => [binding.getNumOfTensors(), binding.getNumOfSavedModels()];
    const before = count();
    const [one, other] = [await runtime.load(small), await runtime.load(small)];
    const images = new Float32Array(2 * 3072).fill(0.5);
    const logits = await one.infer(images);
    await errorOf(one.infer(new Float32Array(1)));
    await one.dispose();
    await one.dispose();
    assert.equal(await other.infer(images), logits);
    await other.dispose();
    assert.equal(count(), before);
    assert.instance(await errorOf(one.infer(images)), BackendError);
    assert.equal(count(), before);
  });

  test('no file is left, and none but the graph is written', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'precrop-test-'));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder;
    try {
      const files = new Map([...small.files, ['../outside', Uint8Array.of(1)]]);
      await (await runtime.load({ ...small, files })).dispose();
      await errorOf(runtime.load(toUnloadable()));
      assert.equal(readdirSync(folder), []);
      assert.not.ok(readdirSync(join(folder, '..')).includes('outside'));
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      rmSync(folder, { recursive: true });
    }
  });

  test('what TensorFlow itself refuses, at loading or at running, is an error about the file with its first line', async () => {
    const unloadable = await errorOf(runtime.load(toUnloadable()));
    assert.instance(unloadable, ModelFileError);
    assert.match((unloadable as Error).message, /^TensorFlow cannot load the SavedModel: [^\n]*attr[^\n]*$/);

    const session = await runtime.load(toUnrunnable());
    const unrunnable = await errorOf(session.infer(new Float32Array(6)));
    assert.instance(unrunnable, ModelFileError);
    assert.match((unrunnable as Error).message, /^TensorFlow cannot run the SavedModel: [^\n]+$/);
    await session.dispose();
  });

  test('the threads of a process that has loaded the library are reported as they are, whatever is asked for', async () => {
    for (const threads of [1, 77]) {
      const session = await runtime.load(small, { threads });
      assert.is(session.threads, countThreads());
      await session.dispose();
    }
    for (const threads of [0, -1, 1.5, Number.NaN]) assert.instance(await errorOf(runtime.load(small, { threads })), UsageError);
  });

  test('the first loading of a process has the threads that it asks for', () => {
    for (const threads of [1, 3]) {
      const script = `
        import { createArchitecture } from '@precrop/sdk/architectures/registry';
        import { savedModel } from '@precrop/sdk/export/saved-model/format';
        import { toInference } from '@precrop/sdk/program/training-step';
        import { createRng } from '@precrop/sdk/core/rng';
        import { initializeVariables } from '@precrop/sdk/program/variables';
        import { createTensorflowRuntime } from '@precrop/sdk/runtimes/tensorflow';
        const architecture = createArchitecture('resnet-20-w4');
        const weights = initializeVariables(toInference(architecture).variables, createRng(0));
        const session = await createTensorflowRuntime().load(savedModel.write({ architecture, weights, metadata: {} }), { threads: ${threads} });
        process.stdout.write(String(session.threads));`;
      const env = { ...process.env, TF_NUM_INTRAOP_THREADS: '2' };
      const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      assert.is(output.toString(), `${threads}`);
    }
  });
}

function toFile(model: Model): ModelFile {
  return savedModel.write(model, { float16: false, sparse: false, batch: 1 });
}

/** A matrix product that does not say of which type it is. */
function toUnloadable(): ModelFile {
  return toGraphFile([{ name: 'logits', op: 'MatMul', input: ['images', 'images'], attr: {} }]);
}

/** A tensor is given another shape, which has no place for its values. */
function toUnrunnable(): ModelFile {
  const shape = { dtype: attr.type('int32'), value: attr.tensor(Int32Array.of(-1, 4), [2]) };
  return toGraphFile([
    { name: 'shape', op: 'Const', input: [], attr: shape },
    { name: 'logits', op: 'Reshape', input: ['images', 'shape'], attr: { T: attr.type('float32'), Tshape: attr.type('int32') } },
  ]);
}

function toGraphFile(nodes: Parameters<typeof encodeSavedModel>[0]): ModelFile {
  const images = { name: 'images', op: 'Placeholder', input: [], attr: { dtype: attr.type('float32'), shape: attr.shape([-1, 1, 1, 3]) } };
  const bytes = encodeSavedModel([images, ...nodes], {
    serving_default: {
      inputs: { images: { tensor: 'images:0', shape: [-1, 1, 1, 3] } },
      outputs: { logits: { tensor: 'logits:0', shape: [-1, 4] } },
    },
  });
  return { format: 'saved-model', files: new Map([['saved_model.pb', bytes]]) };
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.unreachable('it was taken'),
    (reason: unknown) => reason,
  );
}

test.run();
