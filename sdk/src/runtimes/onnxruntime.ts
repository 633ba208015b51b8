import { BackendError } from '../core/errors.js';
import type { Runtime } from './runtime.js';

/** Where ONNX Runtime computes. */
export type OnnxruntimeDevice = 'cpu' | 'coreml' | 'dml' | 'webgpu';

export function createOnnxruntime({ device }: { readonly device: OnnxruntimeDevice }): Runtime {
  const reason = 'it is not written yet';
  return {
    name: `onnxruntime/${device}`,
    format: 'onnx',
    probe: async () => ({ status: 'absent', reason }),
    load: () => Promise.reject(new BackendError(`onnxruntime/${device} cannot be used: ${reason}.`)),
  };
}
