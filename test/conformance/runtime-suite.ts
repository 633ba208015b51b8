import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { BackendError, ModelFileError, UsageError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import type { FormatName, ModelFile } from '@precrop/sdk/export/format';
import type { Model } from '@precrop/sdk/export/model';
import { exportModel, formatNames } from '@precrop/sdk/export/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { listRuntimes } from '@precrop/sdk/runtimes/registry';
import type { InferenceSession, Runtime } from '@precrop/sdk/runtimes/runtime';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../support/every-op.js';
import { computeLogits, createImages, createModel, cropHalf } from '../support/model-zoo.js';
import { allNear } from '../support/near.js';
import { skip } from '../support/skip.js';

const registered = ['resnet-20-w4', 'mobilenet-v2-x0.35-cifar', 'shufflenet-v1-g3-x0.5-cifar', 'shufflenet-v2-x0.5-cifar'];

export interface RuntimeSuiteOptions {
  /** Where each kernel takes a second to compile, one network has to do. */
  readonly slow?: boolean;
}

/** Registers what holds for every runtime; says why where this machine does not have it. */
export async function registerRuntimeTests(test: Test, name: string, { slow = false }: RuntimeSuiteOptions = {}): Promise<void> {
  const entry = listRuntimes().find((candidate) => candidate.name === name);
  if (!entry) throw new Error(`There is no runtime ${name}.`);
  const runtime = await entry.load();
  const probe = await runtime.probe();

  test(`${name}: says what it is, and what it found or why it cannot be used`, () => {
    assert.equal([runtime.name, runtime.format], [entry.name, entry.format]);
    assert.ok('device' in probe ? probe.device && probe.version : probe.reason);
  });

  const everyOp = createModel(createEveryOp());
  if (!('device' in probe)) {
    test(`${name}: does not load a model where it cannot be used`, async () => {
      assert.instance(await errorOf(runtime.load(await exportModel(everyOp, runtime.format))), BackendError);
    });
    skip(test, `${name}: runs models`, probe.reason);
    return;
  }

  const networks: readonly Architecture[] = [
    createEveryOp(),
    ...(slow ? [] : registered.map((each) => cropHalf(createArchitecture(each)))),
  ];
  for (const architecture of networks) {
    test(`${name}: logits of ${architecture.name}, one image or three, whatever batch the file or the caller names`, async () => {
      const model = createModel(architecture);
      const images = createImages(architecture, 3);
      const expected = await computeLogits(model, images);
      for (const batch of [undefined, 2, 3]) {
        const file = await exportModel(model, runtime.format, batch === undefined ? {} : { batch });
        await withSession(runtime, file, batch === undefined ? {} : { batch }, async (session) => {
          assert.equal([...session.input, session.classes], [...architecture.input, architecture.classes]);
          allNear(await session.infer(images), expected, 1e-4);
          allNear(await session.infer(images.subarray(0, images.length / 3)), expected.subarray(0, architecture.classes), 1e-4);
        });
      }
    });
  }

  const images = createImages(everyOp.architecture, 2);
  const file = await exportModel(everyOp, runtime.format);

  test(`${name}: batch norms and normalisation that stayed in the file`, async () => {
    const normalization = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] };
    const normalized = images.map((value, index) => (value - (normalization.mean[index % 3] ?? 0)) / (normalization.std[index % 3] ?? 1));
    const expected = await computeLogits(everyOp, normalized);
    const model: Model = { ...everyOp, metadata: { normalization } };
    for (const fold of [true, false]) {
      const baked = await exportModel(model, runtime.format, { fold, bakeNormalization: true });
      await withSession(runtime, baked, {}, async (session) => allNear(await session.infer(images), expected, 1e-4));
    }
  });

  test(`${name}: values that are no whole number of images are refused in a sentence`, async () => {
    const size = images.length / 2;
    await withSession(runtime, file, {}, async (session) => {
      for (const length of [0, 1, size - 1, size + 1]) {
        const error = await errorOf(session.infer(new Float32Array(length)));
        assert.instance(error, UsageError);
        assert.is(error.message, `${length} values are no whole number of images of 15x13x3, which have ${size} each.`);
      }
      assert.is((await session.infer(images)).length, 2 * 5, 'it works on');
    });
  });

  test(`${name}: threads as used are no more than asked for, unless the process has settled them before`, async () => {
    for (const threads of [1, 2]) {
      await withSession(runtime, file, { threads }, async (session) => {
        assert.ok(Number.isSafeInteger(session.threads) && session.threads >= 1);
        if (name !== 'tensorflow') assert.ok(session.threads <= threads);
        assert.is((await session.infer(images)).length, 2 * 5);
      });
    }
    for (const threads of [0, -1, 1.5, Number.NaN]) assert.instance(await errorOf(runtime.load(file, { threads })), UsageError);
  });

  test(`${name}: sessions, and calls of one session, do not mind each other`, async () => {
    const expected = await computeLogits(everyOp, images);
    const half = images.subarray(images.length / 2);
    const [one, other] = await Promise.all([runtime.load(file), runtime.load(file)]);
    const [logits, ofHalf, again] = await Promise.all([one.infer(images), one.infer(half), other.infer(images)]);
    for (const each of [logits, again]) allNear(each, expected, 1e-4);
    allNear(ofHalf, expected.subarray(5), 1e-4);
    await one.dispose();
    assert.equal(await other.infer(images), again);
    assert.equal(logits.length, 10, 'results outlive their session');
    await other.dispose();
  });

  test(`${name}: a session is disposed once for all, and another can be made`, async () => {
    const session = await runtime.load(file);
    await Promise.all([session.dispose(), session.dispose()]);
    await session.dispose();
    assert.instance(await errorOf(session.infer(images)), BackendError);
    await withSession(runtime, file, {}, async (next) => assert.is((await next.infer(images)).length, 2 * 5));
  });

  test(`${name}: broken files are refused as such, and files of other formats`, async () => {
    const rng = createRng(11);
    const changes: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
      () => new Uint8Array(),
      (bytes) => bytes.subarray(0, bytes.length >> 1),
      (bytes) => bytes.subarray(0, bytes.length - 1),
      ({ length }) => Uint8Array.from({ length: Math.min(length, 10_000) }, () => rng.integer(0, 255)),
    ];
    for (const change of changes) await refused(runtime, withBytes(file, change), ModelFileError);
    await refused(runtime, { format: runtime.format, files: new Map() }, ModelFileError);
    for (const format of formatNames.filter((other) => other !== runtime.format)) {
      await refused(runtime, await exportModel(everyOp, format as FormatName), UsageError);
    }
  });

  test(`${name}: a file with wrong bytes runs or is refused, and takes nothing with it`, async () => {
    const rng = createRng(5);
    for (let round = 0; round < (slow ? 5 : 40); round++) {
      const wrong = withBytes(file, (bytes) => {
        const changed = Uint8Array.from(bytes);
        // What a file says of itself stands at one of its ends.
        for (let count = 0; count < 4; count++) changed[rng.integer(0, Math.min(changed.length, 4000) - 1)] = rng.integer(0, 255);
        for (let count = 0; count < 4; count++) changed[rng.integer(0, changed.length - 1)] = 255;
        return changed;
      });
      try {
        const session = await runtime.load(wrong, { threads: 1 });
        await session.infer(new Float32Array(session.input.reduce((size, extent) => size * extent, 1))).finally(() => session.dispose());
      } catch (error) {
        assert.instance(error, ModelFileError);
      }
    }
    await withSession(runtime, file, {}, async (session) => assert.is((await session.infer(images)).length, 2 * 5));
  });
}

async function withSession(
  runtime: Runtime,
  file: ModelFile,
  options: Parameters<Runtime['load']>[1],
  use: (session: InferenceSession) => Promise<unknown>,
): Promise<void> {
  const session = await runtime.load(file, options);
  try {
    await use(session);
  } finally {
    await session.dispose();
  }
}

function withBytes({ format, files }: ModelFile, change: (bytes: Uint8Array) => Uint8Array): ModelFile {
  return { format, files: new Map([...files].map(([path, bytes]) => [path, change(bytes)])) };
}

async function refused(runtime: Runtime, file: ModelFile, type: typeof UsageError): Promise<void> {
  const error = await errorOf(runtime.load(file));
  assert.instance(error, type);
  assert.match(error.message, /^[A-Z"].*\.$/s, 'a sentence');
}

async function errorOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => assert.unreachable('it was taken'),
    (reason: Error) => reason,
  ) as Promise<Error>;
}
