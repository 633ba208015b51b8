import { BackendError } from '../core/errors.js';
import type { Runtime } from './runtime.js';

export function createTfjsRuntime({ device }: { readonly device: 'webgpu' | 'wasm' | 'cpu' }): Runtime {
  const reason = 'it is not written yet';
  return {
    name: `tfjs/${device}`,
    format: 'tfjs',
    probe: async () => ({ status: 'absent', reason }),
    load: () => Promise.reject(new BackendError(`tfjs/${device} cannot be used: ${reason}.`)),
  };
}
