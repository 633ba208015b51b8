import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { findScript } from '../../support/python.js';

/** A server on loopback for one page, the library, and one model at a time. */
export interface ModelServer {
  readonly origin: string;
  /** Serves these under their paths: `/model/model.json`. */
  offer(files: ReadonlyMap<string, Uint8Array>): void;
  close(): void;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

export async function serveModels(): Promise<ModelServer> {
  const { resolve } = createRequire(import.meta.url);
  const folders: Readonly<Record<string, string>> = {
    tfjs: dirname(resolve('@tensorflow/tfjs')),
    wasm: dirname(resolve('@tensorflow/tfjs-backend-wasm')),
  };
  let offered: ReadonlyMap<string, Uint8Array> = new Map();

  const find = (path: string): Uint8Array | undefined => {
    if (path === '/') return readFileSync(findScript(import.meta.dirname, 'page.html'));
    const [, folder = '', file = ''] = path.split('/');
    const root = folders[folder];
    return root && /^[\w.-]+$/.test(file) ? readFileSync(join(root, file)) : offered.get(path);
  };
  const server = createServer(({ url = '' }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    const body = find(path);
    response.writeHead(body ? 200 : 404, { 'content-type': types[extname(path) || '.html'] ?? 'application/octet-stream' }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    offer(files) {
      offered = files;
    },
    close: () => server.close(),
  };
}
