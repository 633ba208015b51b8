// @serial
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { foldBatchNorm } from '@precrop/sdk/export/fold';
import type { Model } from '@precrop/sdk/export/model';
import { type ExportOptions, exportModel } from '@precrop/sdk/export/registry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../../support/every-op.js';
import { computeLogits, createImages, createModel, listZoo } from '../../support/model-zoo.js';
import { findPython, findScript } from '../../support/python.js';
import { roundKernels } from '../../support/round-kernels.js';
import { skip } from '../../support/skip.js';
import { type PythonProcess, startPython } from '../../support/start-python.js';
import { isPointwise, zeroSmallest } from '../../support/zero-smallest.js';

const python = findPython(['numpy', 'ai_edge_litert', 'openvino']);
if ('path' in python) registerTests(python.path);
else skip(test, 'TFLite files in LiteRT and OpenVINO', python.reason);

interface Reading {
  readonly problem?: string;
  readonly signature: readonly string[];
  readonly shape: readonly number[];
  readonly xnnpack: number;
  readonly kernels: number;
  readonly openvino: number;
}

function registerTests(path: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'precrop-tflite-'));
  const reader = startPython(path, findScript(import.meta.dirname, 'read_tflite.py'));
  const cpu = createTfjsEagerBackend({ device: 'cpu' });

  test('every op: LiteRT and OpenVINO agree with us', () => agree(createModel(createEveryOp()), [{}, { fold: false }]));
  test('every op with odd pads: LiteRT and OpenVINO agree with us', () =>
    agree(createModel(createEveryOp([0, 2, 1, 0], [1, 2, 0, 1])), [{}, { fold: false }], cpu));
  test('every op without padding: LiteRT and OpenVINO agree with us', () =>
    agree(createModel(createEveryOp('valid')), [{}, { fold: false }]));
  for (const { name, architecture } of listZoo()) {
    const isLarge = architecture.input[0] > 64;
    test(`${name}: LiteRT and OpenVINO agree with us`, () => agree(createModel(architecture), isLarge ? [{}] : [{}, { fold: false }]));
  }

  for (const name of ['resnet-20', 'mobilenet-v2-x0.35', 'shufflenet-v1-g3-cifar', 'shufflenet-v2-x1.0-cifar']) {
    // What the file says is the model whose kernels are rounded: so the tolerance need be no wider.
    test(`${name} in float16`, () => agree(roundKernels(foldBatchNorm(createModel(createArchitecture(name)))), [{ float16: true }]));
  }
  for (const name of ['mobilenet-v1-x0.25', 'mobilenet-v2-x0.35', 'mobilenet-v2-x0.5-cifar', 'resnet-20', 'shufflenet-v2-x0.5']) {
    const { architecture, ...rest } = createModel(createArchitecture(name));
    test(`${name} with 1x1 kernels of zeros`, () =>
      agree(zeroSmallest({ architecture, ...rest }, 0.9, isPointwise), [{ sparse: true }, { sparse: true, fold: false }]));
    test(`${name} with all kernels of zeros, in float16`, () =>
      agree(roundKernels(foldBatchNorm(zeroSmallest({ architecture, ...rest }, 0.8, () => true))), [{ sparse: true, float16: true }]));
  }
  test('a normalisation baked in before a sparse network', () => {
    const model = zeroSmallest(createModel(createArchitecture('mobilenet-v1-x0.25')), 0.9, isPointwise);
    const metadata = { normalization: { mean: [0, 0, 0], std: [1, 1, 1] } };
    return agree({ ...model, metadata }, [{ sparse: true, bakeNormalization: true }]);
  });

  test.after(() => {
    reader.stop();
    rmSync(folder, { recursive: true });
  });

  /** Files of one image a call are resized to three by the reader, where images are small. */
  async function agree(model: Model, variants: readonly ExportOptions[], backend?: Parameters<typeof computeLogits>[2]): Promise<void> {
    const { input } = model.architecture;
    const images = createImages(model.architecture, input[0] > 64 ? 1 : 3);
    const logits = await computeLogits(model, images, backend);
    for (const options of variants) {
      const { problem, ...reading } = await read(model, options, { images, logits }, folder, reader);
      assert.is(problem, undefined, JSON.stringify(options));
      assert.equal(
        [reading.signature, reading.shape],
        [
          ['images', 'logits'],
          [-1, ...input],
        ],
      );
      for (const engine of ['xnnpack', 'kernels', 'openvino'] as const) {
        assert.ok(reading[engine] <= 1e-4, `${engine} differs by ${reading[engine]} ${JSON.stringify(options)}`);
      }
    }
  }
}

async function read(
  model: Model,
  options: ExportOptions,
  { images, logits }: { readonly images: Float32Array; readonly logits: Float32Array },
  folder: string,
  reader: PythonProcess,
): Promise<Reading> {
  const { files } = await exportModel(model, 'tflite', options);
  const floats = { 'images.bin': images, 'logits.bin': logits };
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  for (const [name, { buffer, byteOffset, byteLength }] of Object.entries(floats)) {
    writeFileSync(join(folder, name), new Uint8Array(buffer, byteOffset, byteLength));
  }
  return JSON.parse(await reader.ask(folder)) as Reading;
}

test.run();
