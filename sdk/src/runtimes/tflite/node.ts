import { BackendError } from '../../core/errors.js';
import type { Runtime } from '../runtime.js';

export function createTfliteRuntime(): Runtime {
  const reason = 'it is not written yet';
  return {
    name: 'tflite',
    format: 'tflite',
    probe: async () => ({ status: 'absent', reason }),
    load: () => Promise.reject(new BackendError(`tflite cannot be used: ${reason}.`)),
  };
}
