import { availableParallelism, cpus } from 'node:os';
import type { Probe } from '../backends/backend.js';
import { BackendError } from '../core/errors.js';
import { foldBatchNorm } from '../export/fold.js';
import { importModel } from '../export/registry.js';
import { createSparseEngine } from '../sparse/create-engine.js';
import { canRunEngine } from '../sparse/engine-code.js';
import { lowerModel } from '../sparse/lower-model.js';
import { bytesOf, checkThreads, createImageSession } from './image-session.js';
import type { Runtime } from './runtime.js';

/**
 * Runs networks of which most weights are zero: a weight that is zero takes neither time nor memory. WebAssembly with vectors and threads; dense
 * networks run, too, but others are faster there. `infer` blocks the thread while it computes.
 */
export function createSparseWasm(): Runtime {
  const runtime: Runtime = {
    name: 'sparse-wasm',
    format: 'onnx',
    probe: async (): Promise<Probe> => {
      if (!canRunEngine()) return { status: 'absent', reason: 'This JavaScript engine has no vectors or no threads in WebAssembly.' };
      return { status: 'ready', device: `${cpus()[0]?.model.trim() ?? 'CPU'}, wasm`, version: `PreCrop sparse engine 1` };
    },
    async load(model, options = {}) {
      bytesOf(model, runtime);
      const threads = checkThreads(options.threads ?? availableParallelism());
      const imported = await importModel(model);
      const probe = await runtime.probe();
      if (!('device' in probe)) throw new BackendError(`The runtime ${runtime.name} is ${probe.status} on this machine: ${probe.reason}`);
      const { run, close } = await createSparseEngine(lowerModel(foldBatchNorm(imported)), threads);
      const { input, classes } = imported.architecture;
      return createImageSession({ threads, input, classes, run, close });
    },
  };
  return runtime;
}
