import { withTimeout } from './hold-process.js';

/** The graphics adapter that WebGPU would compute on. */
export interface WebgpuAdapter {
  /** "nvidia hopper", "SwiftShader driver 5.0.0". */
  readonly name: string;
  /** The adapter is a program on the CPU. */
  readonly isSoftware: boolean;
}

// The parts of the WebGPU standard that are used here.
interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}
interface Gpu {
  requestAdapter(options: { readonly powerPreference: string }): Promise<{ readonly info: AdapterInfo } | null>;
}
interface Host {
  navigator?: { gpu?: Gpu };
}

const host = globalThis as Host;

/**
 * Finds the adapter and puts WebGPU where tfjs looks for it, `navigator.gpu`: a browser's own, in Node that of the package `webgpu`.
 * A sentence where there is none.
 * @throws Error for a driver that does not answer within the limit.
 */
export async function findWebgpuAdapter(limitMs = 10_000): Promise<WebgpuAdapter | string> {
  const own = host.navigator?.gpu;
  const loaded = own ? { gpu: own, install: () => {} } : await loadDawn();
  if (typeof loaded === 'string') return loaded;
  const request = loaded.gpu.requestAdapter({ powerPreference: 'high-performance' }); // as tfjs asks
  const adapter = await withTimeout(request, limitMs, `the graphics driver did not name its adapter within ${limitMs / 1000} s`);
  if (!adapter) return own ? 'This browser has no graphics adapter for WebGPU.' : noAdapter();
  loaded.install();
  return toAdapter(adapter.info);
}

function toAdapter({ vendor, architecture, device, description, isFallbackAdapter }: AdapterInfo): WebgpuAdapter {
  const named = [vendor, architecture, device].filter((part) => part !== '').join(' ');
  const isSoftware = isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${named} ${description}`);
  return { name: description || named || 'an adapter without a name', isSoftware };
}

async function loadDawn(): Promise<{ readonly gpu: Gpu; readonly install: () => void } | string> {
  let dawn: { readonly create: (options: string[]) => unknown; readonly globals: object };
  try {
    dawn = await import('webgpu');
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    return `The package "webgpu" cannot be loaded (${line}). Install it with npm install webgpu.`;
  }
  const gpu = dawn.create([]) as Gpu;
  const install = (): void => {
    for (const [name, value] of Object.entries(dawn.globals)) if (!(name in globalThis)) define(globalThis, name, value);
    if (host.navigator) define(host.navigator, 'gpu', gpu);
    else define(globalThis, 'navigator', { gpu });
  };
  return { gpu, install };
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

function noAdapter(): string {
  const none = 'There is no graphics adapter that WebGPU can use';
  if (process.platform !== 'linux') return `${none}: no GPU with a driver for ${process.platform === 'darwin' ? 'Metal' : 'Direct3D 12'}.`;
  if (canLoad('libvulkan.so.1')) return `${none}: Vulkan knows no driver of a GPU.`;
  return `${none}: the library libvulkan.so.1 cannot be loaded. Install it (on Debian and Ubuntu, the package libvulkan1) and the GPU's driver.`;
}

/** Dawn lets the library go again where it finds no driver, so what is loaded does not tell. */
function canLoad(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library);
    return true;
  } catch (error) {
    return !(error as Error).message.includes('cannot open shared object file'); // it was loaded, but is no addon
  }
}
