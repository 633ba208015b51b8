import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { ExportError } from '@precrop/sdk/core/errors';
import { onnx } from '@precrop/sdk/export/onnx/format';
import { decodeModel, type ModelProto } from '@precrop/sdk/export/onnx/proto';
import { exportModel, importModel } from '@precrop/sdk/export/registry';
import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../../support/every-op.js';
import { createModel } from '../../support/model-zoo.js';

const options = { float16: false, sparse: false, batch: 1 };

test('files say which PreCrop wrote them', () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../sdk/package.json'), 'utf8'));
  const { producerName, producerVersion } = write(createEveryOp());
  assert.equal([producerName, producerVersion], ['precrop', version]);
});

test('tensors and nodes are called as the nodes of the architecture, weights as its weights', () => {
  const architecture = createArchitecture('resnet-20-w4');
  const { graph } = write(architecture);
  const names = graph?.node?.map(({ name }) => name) ?? [];
  for (const { id } of architecture.nodes) assert.ok(names.includes(id), id);
  for (const { name, output } of graph?.node ?? []) assert.equal(output, [name === architecture.output ? 'logits' : name]);
  const weights = graph?.initializer?.map(({ name }) => name).sort();
  assert.equal(weights, [...createModel(architecture).weights.keys()].sort());
});

test('ids that ONNX uses for something else, or that look odd, are the same when they come back', async () => {
  const ids = ['images', 'logits', 'index/1', '/layer1/conv 1/Conv', 'shape/2x2', 'b/deal', 'b', 'b/mean', 'relu6/max'];
  const nodes = ids.map((id, index): Node => {
    const inputs = [ids[index - 1] ?? 'input'];
    return id === 'b' ? { id, op: 'channel-shuffle', inputs, groups: 2 } : { id, op: index % 2 === 0 ? 'relu6' : 'relu', inputs };
  });
  const pool: Node = { id: 'b/pool', op: 'global-avg-pool', inputs: [ids.at(-1) as string] };
  const model = createModel({ name: 'odd', input: [2, 2, 4], classes: 4, nodes: [...nodes, pool], output: 'b/pool' });
  const file = await exportModel(model, 'onnx');
  const tensors = decodeModel(file.files.get('model.onnx') as Uint8Array).graph?.node?.flatMap(({ output = [] }) => output) ?? [];
  assert.is(new Set(tensors).size, tensors.length, 'no tensor is written twice');
  const back = await importModel(file);
  assert.equal(back.architecture, model.architecture);
  assert.equal(await exportModel(back, 'onnx'), file);
});

test('a pool with windows of nothing but padding cannot be held, and is named', () => {
  assert.throws(
    () => write(createEveryOp('same', [3, 0, 0, 0])),
    (error: unknown) => error instanceof ExportError && /^Node "max" \(max-pool\) pads by 3 pixels/.test(error.message),
  );
});

test('a weight that is absent or of another length is named', () => {
  const model = createModel(createEveryOp());
  for (const change of [[], [['grouped/kernel', new Float32Array(3)]]] as [string, Float32Array][][]) {
    const weights = new Map([...model.weights].filter(([name]) => name !== 'grouped/kernel'));
    const broken = { ...model, weights: new Map([...weights, ...change]) };
    assert.throws(
      () => onnx.write(broken, options),
      (error: unknown) => error instanceof ExportError && /"grouped\/kernel" has (3|no) values, but needs 216/.test(error.message),
    );
  }
});

function write(architecture: Architecture): ModelProto {
  return decodeModel(onnx.write(createModel(architecture), options).files.get('model.onnx') as Uint8Array);
}

test.run();
