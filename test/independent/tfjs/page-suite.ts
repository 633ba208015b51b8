import { describeModel, type Model } from '@precrop/sdk/export/model';
import { exportModel } from '@precrop/sdk/export/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { chromium, type Page } from 'playwright-core';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { chromiumArguments, findChromium } from '../../support/find-chromium.js';
import { computeLogits, createImages, createModel } from '../../support/model-zoo.js';
import { allNear } from '../../support/near.js';
import { skip } from '../../support/skip.js';
import { type ModelServer, serveModels } from './serve.js';

interface Network {
  readonly name: string;
  readonly architecture: Architecture;
}

interface Reading {
  readonly input: readonly number[];
  readonly inputName: string;
  readonly outputName: string;
  readonly description: unknown;
  readonly logits: readonly number[];
  /** Tensors that are still alive. */
  readonly left: number;
}

/** Registers that a page gives our logits of each network; or says that there is no Chromium. */
export async function registerPageTests(test: Test, networks: readonly Network[]): Promise<void> {
  const found = findChromium();
  if ('reason' in found) return skip(test, 'tfjs models in a Chromium page', found.reason);
  const server = await serveModels();
  const browser = await chromium.launch({ executablePath: found.path, args: [...chromiumArguments] });
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
