// @serial
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@precrop/sdk/backends/backend';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import type { Model } from '@precrop/sdk/export/model';
import { exportModel } from '@precrop/sdk/export/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../../support/every-op.js';
import { computeLogits, createImages, createModel, listZoo } from '../../support/model-zoo.js';
import { findPython, findScript } from '../../support/python.js';
import { skip } from '../../support/skip.js';
import { type PythonProcess, startPython } from '../../support/start-python.js';

const python = findPython(['numpy', 'onnx', 'onnxruntime', 'openvino']);
if ('path' in python) registerTests(python.path);
else skip(test, 'ONNX files in ONNX Runtime and OpenVINO', python.reason);

interface Reading {
  readonly problem?: string;
  readonly input: readonly number[];
  readonly opset: number;
  readonly dynamic: boolean;
  readonly onnxruntime: number;
  readonly openvino: number;
}

function registerTests(path: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'precrop-onnx-'));
  const reader = startPython(path, findScript(import.meta.dirname, 'read_onnx.py'));
  const networks: readonly { readonly name: string; readonly architecture: Architecture; readonly backend?: Backend }[] = [
    { name: 'every op', architecture: createEveryOp() },
    {
      name: 'every op with odd pads',
      architecture: createEveryOp([0, 2, 1, 0], [1, 2, 0, 1]),
      backend: createTfjsEagerBackend({ device: 'cpu' }),
    },
    { name: 'every op without padding', architecture: createEveryOp('valid') },
    ...listZoo(),
  ];
  for (const { name, architecture, backend } of networks) {
    const isLarge = architecture.input[0] > 64;
    test(`${name}: the checker, ONNX Runtime and OpenVINO agree with us`, async () => {
      const model = createModel(architecture);
      const images = createImages(architecture, isLarge ? 1 : 3);
      const logits = await computeLogits(model, images, backend);
      for (const fold of isLarge ? [true] : [true, false]) {
        const { problem, ...reading } = await read(model, { fold, images, logits }, folder, reader);
        assert.is(problem, undefined);
        assert.equal(
          { ...reading, onnxruntime: 0, openvino: 0 },
          { input: architecture.input, opset: 17, dynamic: true, onnxruntime: 0, openvino: 0 },
        );
        for (const engine of ['onnxruntime', 'openvino'] as const) {
          assert.ok(reading[engine] <= 1e-4, `${engine} differs by ${reading[engine]}${fold ? ', folded' : ''}`);
        }
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
  { fold, images, logits }: { readonly fold: boolean; readonly images: Float32Array; readonly logits: Float32Array },
  folder: string,
  reader: PythonProcess,
): Promise<Reading> {
  const { files } = await exportModel(model, 'onnx', { fold });
  const floats = { 'images.bin': images, 'logits.bin': logits };
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  for (const [name, { buffer, byteOffset, byteLength }] of Object.entries(floats)) {
    writeFileSync(join(folder, name), new Uint8Array(buffer, byteOffset, byteLength));
  }
  return JSON.parse(await reader.ask(folder)) as Reading;
}

test.run();
