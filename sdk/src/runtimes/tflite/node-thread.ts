/** A thread of TFLite's wasm in Node: gives the script that its authors wrote for a browser's worker what it looks for there. */
import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';

const { build } = workerData as { readonly build: string };
const run = (filename: string): void => void runInThisContext(readFileSync(filename, 'utf8'), { filename });

const scope = globalThis as typeof globalThis & { onmessage?: (event: { readonly data: unknown }) => void };
Object.assign(scope, {
  self: scope,
  location: { href: `file://${build}.js` },
  importScripts: run,
  postMessage: (message: unknown) => parentPort?.postMessage(message),
});
parentPort?.on('message', (data) => scope.onmessage?.({ data }));
run(`${build}.worker.js`);
