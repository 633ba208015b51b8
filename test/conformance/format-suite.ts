import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { ModelFileError, UsageError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import type { FormatName, ModelFile } from '@precrop/sdk/export/format';
import type { Model, ModelMetadata } from '@precrop/sdk/export/model';
import { exportModel, importModel, loadFormat } from '@precrop/sdk/export/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { padsOf } from '@precrop/sdk/ir/geometry';
import { opKinds } from '@precrop/sdk/ir/ops';
import { toShapedNodes } from '@precrop/sdk/ir/shapes';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../support/every-op.js';
import { createModel } from '../support/model-zoo.js';

const metadata: ModelMetadata = {
  classNames: ['Katze', 'собака', '鳥', '🐟', 'a "quoted" \\ name\n'],
  normalization: { mean: [0.5, 0.25, 0.125], std: [0.2, 1 / 3, 0.3] },
  planHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  licence: 'CC-BY-4.0',
};
const everyOp: Model = { ...createModel(createEveryOp()), metadata };
const architectures = ['resnet-20-w4', 'mobilenet-v1-x0.25', 'mobilenet-v2-x0.35-cifar', 'shufflenet-v2-x0.5-cifar'];

/** Registers what holds for every format. */
export async function registerFormatTests(test: Test, name: FormatName): Promise<void> {
  const format = await loadFormat(name);

  test(`${name}: its name, and paths of files within a folder`, async () => {
    const file = await exportModel(everyOp, name);
    assert.is(format.name, name);
    assert.is(file.format, name);
    assert.ok(file.files.size > 0);
    for (const [path, bytes] of file.files) {
      assert.match(path, /^\w[\w.-]*(\/\w[\w.-]*)*$/);
      assert.ok(bytes.length > 0, path);
    }
  });

  test(`${name}: one model gives one file, byte by byte`, async () => {
    assert.equal(await exportModel(everyOp, name), await exportModel(everyOp, name));
  });

  test(`${name}: the description survives`, async () => {
    for (const fold of [true, false]) {
      const description = format.readDescription(await exportModel(everyOp, name, { fold }));
      assert.equal(withoutGaps(description), { name: 'every-op', input: [15, 13, 3], classes: 5, ...metadata });
    }
    const baked = format.readDescription(await exportModel(everyOp, name, { bakeNormalization: true }));
    assert.is(baked?.normalization, undefined, 'a baked-in normalisation must not be done twice');
    assert.is(baked?.licence, metadata.licence);
  });

  test(`${name}: a model without metadata has none in its file`, async () => {
    const file = await exportModel({ ...everyOp, metadata: {} }, name);
    assert.equal(withoutGaps(format.readDescription(file)), { name: 'every-op', input: [15, 13, 3], classes: 5 });
  });

  test(`${name}: options that it does not have are refused`, async () => {
    for (const option of ['float16', 'sparse'] as const) {
      const exported = exportModel(everyOp, name, { [option]: true });
      if (format.supports[option]) assert.ok((await exported).files.size > 0);
      else assert.match((await rejection(exported, UsageError)).message, new RegExp(`${name} files cannot hold ${option}.*\\.$`));
    }
    for (const batch of [0, -1, 1.5, Number.NaN]) await rejection(exportModel(everyOp, name, { batch }), UsageError);
  });

  test(`${name}: every op and small registered networks are written`, async () => {
    assert.equal([...new Set(everyOp.architecture.nodes.map(({ op }) => op))].sort(), [...opKinds].sort(), 'the network with every op');
    for (const network of architectures) {
      const model = createModel(createArchitecture(network));
      const bytes = await Promise.all([true, false].map(async (fold) => sizeOf(await exportModel(model, name, { fold }))));
      const least = [...model.weights.values()].reduce((sum, { length }) => sum + 4 * length, 0);
      assert.ok((bytes[1] as number) > least, `${network} has its weights`);
      assert.ok((bytes[0] as number) < (bytes[1] as number), `${network} is smaller when it is folded`);
    }
  });

  test(`${name}: bytes that are none of its own are refused as such`, async () => {
    const file = await exportModel(everyOp, name);
    const rng = createRng(7);
    const noise = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => rng.integer(0, 255));
    const broken = (change: (bytes: Uint8Array) => Uint8Array): ModelFile => ({
      format: name,
      files: new Map([...file.files].map(([path, bytes]) => [path, change(bytes)])),
    });
    const files: readonly ModelFile[] = [
      { format: name, files: new Map() },
      broken(() => new Uint8Array()),
      broken(({ length }) => noise(Math.min(length, 10_000))),
      broken((bytes) => new TextEncoder().encode(`{"not": "a model", "size": ${bytes.length}}`)),
    ];
    for (const one of files) {
      refused(() => format.readDescription(one));
      if (format.read) refused(() => format.read?.(one));
    }
    if (format.read) refused(() => format.read?.(broken((bytes) => bytes.subarray(0, bytes.length >> 1))));
  });

  if (!format.read) {
    test(`${name}: cannot be imported, and says so`, async () => {
      const error = await rejection(importModel(await exportModel(everyOp, name)), UsageError);
      assert.match(error.message, new RegExp(`${name} file cannot be imported`));
    });
    return;
  }

  for (const fold of [false, true]) {
    test(`${name}: what is ${fold ? 'folded, ' : ''}exported, imported and exported again is the same, bit by bit`, async () => {
      const models = [everyOp, ...architectures.map((network) => createModel(createArchitecture(network)))];
      for (const model of models) {
        const file = await exportModel(model, name, { fold });
        const back = await importModel(file);
        if (!fold) {
          assert.equal(comparable(back.architecture), comparable(model.architecture));
          assert.equal(new Map([...back.weights].sort()), new Map([...model.weights].sort()));
          assert.equal(withoutGaps(back.metadata), model.metadata);
        }
        const again = await exportModel(back, name, { fold: false });
        assert.equal([...again.files.keys()], [...file.files.keys()]);
        for (const [path, bytes] of file.files) assert.ok(Buffer.compare(bytes, again.files.get(path) ?? new Uint8Array()) === 0, path);
      }
    });
  }
}

/** The architecture, less what formats have no words for: names of width groups, and whether padding was meant as `same`. */
function comparable(architecture: Architecture): unknown {
  const nodes = toShapedNodes(architecture).map(({ node, inputs: [[height = 0, width = 0] = []] }) => {
    const { group: _group, ...rest } = node as typeof node & { readonly group?: string };
    return 'padding' in node ? { ...rest, padding: padsOf(node, height, width) } : rest;
  });
  return { ...architecture, nodes };
}

function withoutGaps(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function sizeOf({ files }: ModelFile): number {
  return [...files.values()].reduce((sum, { length }) => sum + length, 0);
}

async function rejection(promise: Promise<unknown>, type: typeof UsageError): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, type);
  return error as Error;
}

function refused(read: () => unknown): void {
  let error: unknown;
  try {
    read();
  } catch (thrown) {
    error = thrown;
  }
  assert.instance(error, ModelFileError);
  assert.match((error as Error).message, /^[A-Z"].*\.$/s, 'a sentence');
}
