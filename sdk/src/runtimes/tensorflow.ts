import type { Probe } from '../backends/backend.js';
import { createTensorflowGraphBackend } from '../backends/tensorflow-graph/backend.js';
import { type Binding, countThreads, loadBinding } from '../backends/tensorflow-graph/binding.js';
import { openSession, type Session } from '../backends/tensorflow-graph/session.js';
import { BackendError, ModelFileError, UsageError } from '../core/errors.js';
import { graphBytesOf } from '../export/saved-model/format.js';
import { parseSavedModel, type ServingSignature } from '../export/saved-model/parse-saved-model.js';
import type { InferenceSession, Runtime } from './runtime.js';

/**
 * TensorFlow's own CPU kernels, through tfjs-node's session. Threads belong to the process: the first loading of the native library settles
 * them, whoever does it. `infer` blocks the thread while it computes.
 */
export function createTensorflowRuntime(): Runtime {
  return {
    name: 'tensorflow',
    format: 'saved-model',
    probe,
    async load(model, { threads } = {}) {
      const bytes = graphBytesOf(model);
      const signature = parseSavedModel(bytes);
      if (isOff) ...
    },
  };
}
