// @serial
import type { Model } from '@precrop/sdk/export/model';
import { describeModel } from '@precrop/sdk/export/model';
import { exportModel } from '@precrop/sdk/export/registry';
import { chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../../support/every-op.js';
import { chromiumArguments, findChromium } from '../../support/find-chromium.js';
import { computeLogits, createImages, createModel, listZoo } from '../../support/model-zoo.js';
import { allNear } from '../../support/near.js';
import { skip } from '../../support/skip.js';
import { type ModelServer, serveModels } from './serve.js';

const found = findChromium();
if ('path' in found) await registerTests(found.path);
else skip(test, 'tfjs models in a Chromium page', found.reason);

interface Reading {
  readonly input: readonly number[];
  readonly inputName: string;
  readonly outputName: string;
  readonly description: unknown;
  readonly logits: readonly number[];
  /** Tensors that are still alive. */
  readonly left: number;
}

async function registerTests(executablePath: string): Promise<void> {
  const server = await serveModels();
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  const networks = [
    { name: 'every op', architecture: createEveryOp() },
    { name: 'every op with odd pads', architecture: createEveryOp([0, 2, 1, 0], 'same') },
    { name: 'every op without padding', architecture: createEveryOp('valid') },
    ...listZoo(),
  ];
  for (const { name, architecture } of networks) {
    const isLarge = architecture.input[0] > 64;
    test(`${name}: a page gives our logits`, async () => {
      const model = createModel(architecture);
      const images = createImages(architecture, isLarge ? 1 : 3);
      const logits = await computeLogits(model, images);
      for (const fold of isLarge ? [true] : [true, false]) {
        // A page of its own each: the memory of WebAssembly grows and never shrinks.
        const page = await browser.newPage();
        const reading = await read(model, images, fold, server, page).finally(() => page.close());
        allNear(reading.logits, logits, 1e-4);
        assert.equal(
          { ...reading, logits: [] },
          {
            input: architecture.input,
            inputName: 'images',
            outputName: architecture.output,
            description: describeModel(model),
            logits: [],
            left: 0,
          },
        );
      }
    });
  }
  test.after(async () => {
    await browser.close();
    server.close();
  });
}

async function read(model: Model, images: Float32Array, fold: boolean, server: ModelServer, page: Page): Promise<Reading> {
  const { files } = await exportModel(model, 'tfjs', { fold });
  const pixels = new Uint8Array(images.buffer, images.byteOffset, images.byteLength);
  server.offer(new Map([...[...files].map(([path, bytes]) => [`/model/${path}`, bytes] as const), ['/images.bin', pixels]]));
  await page.goto(server.origin);
  assert.is(await page.evaluate('start()'), 'wasm');
  return (await page.evaluate('predict()')) as Reading;
}

test.run();
