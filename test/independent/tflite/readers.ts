import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@precrop/sdk/backends/backend';
import type { Model } from '@precrop/sdk/export/model';
import { type ExportOptions, exportModel } from '@precrop/sdk/export/registry';
import * as assert from 'uvu/assert';
import { computeLogits, createImages } from '../../support/model-zoo.js';
import { findScript } from '../../support/python.js';
import { startPython } from '../../support/start-python.js';

/** Modules that read_tflite.py needs. */
export const modules: readonly string[] = ['numpy', 'ai_edge_litert', 'openvino'];

interface Reading {
  readonly problem?: string;
  readonly signature: readonly string[];
  readonly shape: readonly number[];
  readonly xnnpack: number;
  readonly kernels: number;
  readonly openvino: number;
}

/** LiteRT and OpenVINO, ready to read one file after the other. */
export interface Readers {
  /** Fails unless a model's files, one for each variant, give our logits. Those of small images are made for one and resized to three. */
  agree(model: Model, variants: readonly ExportOptions[], backend?: Backend): Promise<void>;
  close(): void;
}

export function startReaders(python: string): Readers {
  const folder = mkdtempSync(join(tmpdir(), 'precrop-tflite-'));
  const reader = startPython(python, findScript(import.meta.dirname, 'read_tflite.py'));
  return {
    async agree(model, variants, backend) {
      const { input } = model.architecture;
      const images = createImages(model.architecture, input[0] > 64 ? 1 : 3);
      write('images.bin', images);
      write('logits.bin', await computeLogits(model, images, backend));
      for (const options of variants) {
        const { files } = await exportModel(model, 'tflite', options);
        for (const [name, bytes] of files) write(name, bytes);
        const { problem, ...reading } = JSON.parse(await reader.ask(folder)) as Reading;
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
    },
    close() {
      reader.stop();
      rmSync(folder, { recursive: true });
    },
  };

  function write(name: string, { buffer, byteOffset, byteLength }: Float32Array | Uint8Array): void {
    writeFileSync(join(folder, name), new Uint8Array(buffer, byteOffset, byteLength));
  }
}
