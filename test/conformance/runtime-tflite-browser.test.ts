import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { BackendError } from '@precrop/sdk/core/errors';
import { exportModel } from '@precrop/sdk/export/registry';
import { createTfliteRuntime } from '@precrop/sdk/runtimes/tflite/browser';
import { chromium } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chromiumArguments, findChromium } from '../support/find-chromium.js';
import { computeLogits, createImages, createModel } from '../support/model-zoo.js';
import { allNear } from '../support/near.js';
import { findScript } from '../support/python.js';
import { skip } from '../support/skip.js';

const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' };
const model = createModel(createArchitecture('resnet-20-w4'));
const images = createImages(model.architecture, 2);

interface Answer {
  readonly probe: { readonly status: string };
  readonly input: readonly number[];
  readonly classes: number;
  readonly threads: readonly number[];
  readonly logits: readonly (readonly number[])[];
  readonly truncated: string;
  readonly elsewhere: { readonly status: string; readonly reason: string };
  readonly disposed: string;
}

test('outside of a browser it says so in place of an error, and does not load', async () => {
  const runtime = createTfliteRuntime({ wasmUrl: '/wasm' });
  assert.is((await runtime.probe()).status, 'absent');
  const loaded = runtime.load(await exportModel(model, 'tflite'));
  assert.instance(await loaded.catch((error: unknown) => error), BackendError);
});

const found = findChromium();
if ('path' in found) registerTests(found.path);
else skip(test, 'TFLite in a Chromium page', found.reason);

function registerTests(executablePath: string): void {
  for (const isolated of [false, true]) {
    test(`a page ${isolated ? 'with' : 'without'} threads loads a model three times and gives our logits`, async () => {
      const server = await serve(isolated);
      const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
      try {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
        await page.waitForFunction('window.ready');
        const answer = (await page.evaluate('run(2)')) as Answer;
        assert.is(answer.probe.status, 'ready');
        assert.equal([...answer.input, answer.classes], [32, 32, 3, 10]);
        const threads = isolated ? 2 : 1;
        assert.equal(answer.threads, [threads, threads, threads]);
        const expected = await computeLogits(model, images);
        for (const logits of answer.logits) allNear(logits, expected, 1e-4);
        assert.equal([answer.truncated, answer.disposed], ['ModelFileError', 'BackendError']);
        assert.is(answer.elsewhere.status, 'absent');
        assert.match(answer.elsewhere.reason, /^\/nothing\/tflite_web_api_cc_simd\.js cannot be loaded\. Serve the folder/);
      } finally {
        await browser.close();
        server.close();
      }
    });
  }
}

/** The page, the compiled sdk, the wasm, a model and images. */
async function serve(isolated: boolean): Promise<Server> {
  const { resolve } = createRequire(import.meta.url);
  const folders: Readonly<Record<string, string>> = {
    sdk: dirname(fileURLToPath(import.meta.resolve('@precrop/sdk'))),
    wasm: join(dirname(resolve('@tensorflow/tfjs-tflite/package.json')), 'wasm'),
  };
  const [bytes] = (await exportModel(model, 'tflite')).files.values();
  const offered: Readonly<Record<string, () => Uint8Array | undefined>> = {
    '/': () => readFileSync(findScript(import.meta.dirname, 'runtime-tflite-browser.html')),
    '/model.tflite': () => bytes,
    '/images.bin': () => new Uint8Array(images.buffer),
  };
  const headers: Record<string, string> = isolated
    ? { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
    : {};
  const server = createServer(({ url = '' }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    const [, folder = '', ...rest] = path.split('/');
    const root = folders[folder];
    const body = offered[path]?.() ?? (root && readFileSync(join(root, ...rest)));
    const type = types[extname(path) || '.html'] ?? 'application/octet-stream';
    response.writeHead(body ? 200 : 404, { ...headers, 'content-type': type }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

test.run();
