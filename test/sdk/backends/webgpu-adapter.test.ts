import { findWebgpuAdapter } from '@precrop/sdk/backends/tfjs-eager/webgpu-adapter';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const gpu = { vendor: 'acme', architecture: 'tenth', device: '', description: '' };

// The browser's way: navigator.gpu is there already.
function offer(requestAdapter: () => Promise<unknown>): void {
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: { requestAdapter } }, configurable: true });
}

test('an adapter is told by its description, or by vendor and architecture', async () => {
  offer(async () => ({ info: gpu }));
  assert.equal(await findWebgpuAdapter(), { name: 'acme tenth', isSoftware: false });
  offer(async () => ({ info: { ...gpu, description: 'Acme X1' } }));
  assert.equal(await findWebgpuAdapter(), { name: 'Acme X1', isSoftware: false });
});

test('a driver in software is known by its own word, and by its name', async () => {
  const software = [{ isFallbackAdapter: true }, { architecture: 'swiftshader' }, { description: 'llvmpipe (LLVM 15, 256 bits)' }];
  for (const info of [...software, { description: 'Microsoft Basic Render Driver' }]) {
    offer(async () => ({ info: { ...gpu, ...info } }));
    const adapter = await findWebgpuAdapter();
    assert.ok(typeof adapter === 'object' && adapter.isSoftware, JSON.stringify(info));
  }
});

test('no adapter is a sentence', async () => {
  offer(async () => null);
  assert.match(String(await findWebgpuAdapter()), /no graphics adapter/);
});

test('a driver that never answers is an error, within the limit', async () => {
  offer(() => new Promise(() => {}));
  const error = await findWebgpuAdapter(20).catch((reason: unknown) => reason);
  assert.match((error as Error).message, /did not name its adapter within 0.02 s/);
});

test.run();
