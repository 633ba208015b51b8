import { backend, env, getBackend, setBackend, version_core } from '@tensorflow/tfjs-core';
import { BackendError } from '../../core/errors.js';
import type { Probe } from '../backend.js';
import { withTimeout } from './hold-process.js';
import { findWebgpuAdapter } from './webgpu-adapter.js';

/** Where tfjs computes. */
export type TfjsDevice = 'cpu' | 'wasm' | 'webgpu';

/** A device that tfjs has started on. */
export interface LoadedDevice {
  /** "CPU, WebAssembly with SIMD, 1 thread". */
  readonly device: string;
  /** "tfjs 4.22.0". */
  readonly version: string;
  /** As used, on the CPU. */
  readonly threads: number;
  /** Why it is less than its kind could be; undefined where it is not. */
  readonly limit?: string;
}

type Facts = Omit<LoadedDevice, 'version'>;

interface DeviceSpec {
  /** Registers the tfjs backend of that name and its kernels. A sentence where the machine has no such device. */
  readonly register: () => Promise<Facts | string>;
  /** Sets the started backend up. */
  readonly adjust?: () => void;
}

const devices: { readonly [D in TfjsDevice]: DeviceSpec } = {
  cpu: {
    async register() {
      await import('@tensorflow/tfjs-backend-cpu');
      return { device: 'CPU, plain JavaScript', threads: 1, limit: 'its kernels are plain JavaScript, far slower than native ones' };
    },
    // On its first use in Node this backend would print an advertisement for tfjs-node.
    adjust: () => Object.assign(backend(), { firstUse: false }),
  },
  wasm: {
    async register() {
      await import('@tensorflow/tfjs-backend-wasm');
      const hasSimd = await env().getAsync('WASM_HAS_SIMD_SUPPORT');
      // The package's own threads start from blob URLs, which Node's workers refuse: there it keeps to one.
      return { device: `CPU, WebAssembly ${hasSimd ? 'with' : 'without'} SIMD, 1 thread`, threads: 1 };
    },
  },
  webgpu: {
    async register() {
      const adapter = await findWebgpuAdapter();
      if (typeof adapter === 'string') return adapter;
      await import('@tensorflow/tfjs-backend-webgpu');
      const limit = 'its adapter is a program on the CPU, far slower than a GPU';
      return { device: adapter.name, threads: 1, ...(adapter.isSoftware ? { limit } : {}) };
    },
    // Small tensors would be computed by the cpu backend otherwise.
    adjust: () => env().set('WEBGPU_CPU_FORWARD', false),
  },
};

const startLimitMs = 15_000;
const registered = new Map<TfjsDevice, LoadedDevice>();
let queue: Promise<unknown> = Promise.resolve();

/** What the device offers on this machine. */
export async function probeDevice(device: TfjsDevice): Promise<Probe> {
  try {
    const found = await register(device);
    if (typeof found === 'string') return { status: 'absent', reason: found };
    await onDevice(device, () => {});
    const { device: name, version, limit } = found;
    return limit === undefined ? { status: 'ready', device: name, version } : { status: 'limited', device: name, version, reason: limit };
  } catch (error) {
    return { status: 'broken', reason: `tfjs cannot start its ${device} backend: ${(error as Error).message}` };
  }
}

/**
 * Starts tfjs on a device in this process; whoever computes there does so through `onDevice`.
 * @throws BackendError where the machine has no such device, or tfjs cannot start on it.
 */
export async function loadTfjsDevice(device: TfjsDevice): Promise<LoadedDevice> {
  const probe = await probeDevice(device);
  const loaded = registered.get(device);
  if ('device' in probe && loaded) return loaded;
  throw new BackendError(`tfjs cannot compute on ${device} on this machine. ${probe.reason}`);
}

/**
 * Does work while the device is the one that tfjs computes on. tfjs has one choice for the whole process, so those who share it take
 * turns. Tensors may be read afterwards, outside of the turn.
 * @throws what the work throws; Error where tfjs cannot start on the device.
 */
export function onDevice<T>(device: TfjsDevice, work: () => T | Promise<T>): Promise<T> {
  const turn = queue.then(async () => {
    while (getBackend() !== device) await enter(device);
    return work();
  });
  queue = turn.catch(() => {});
  return turn;
}

async function register(device: TfjsDevice): Promise<LoadedDevice | string> {
  const known = registered.get(device);
  if (known) return known;
  const facts = await devices[device].register();
  if (typeof facts === 'string') return facts;
  const loaded = { ...facts, version: `tfjs ${version_core}` };
  registered.set(device, loaded);
  return loaded;
}

async function enter(device: TfjsDevice): Promise<void> {
  const found = await register(device);
  if (typeof found === 'string') throw new Error(found);
  const started = await withTimeout(setBackend(device), startLimitMs, `it did not start within ${startLimitMs / 1000} s`);
  if (!started) throw new Error('it refuses to start');
  devices[device].adjust?.();
}
