import { type Binding, countThreads, loadBinding } from '../backends/tensorflow-graph/binding.js';
import { probeNativeLibrary } from '../backends/tensorflow-graph/probe.js';
import { type Feed, openSession, type Session } from '../backends/tensorflow-graph/session.js';
import { BackendError, ModelFileError } from '../core/errors.js';
import { graphBytesOf } from '../export/saved-model/format.js';
import { parseSavedModel, type ServingSignature } from '../export/saved-model/parse-saved-model.js';
import { checkFormat, checkThreads, createImageSession, type Engine, firstLineOf } from './image-session.js';
import type { Runtime } from './runtime.js';

/**
 * TensorFlow's own CPU kernels, through tfjs-node's session. Its threads belong to the process: whoever loads the native library first
 * settles how many there are, a probe included. `infer` blocks the thread while it computes.
 */
export function createTensorflowRuntime(): Runtime {
  const runtime: Runtime = {
    name: 'tensorflow',
    format: 'saved-model',
    probe: async () => probeNativeLibrary(),
    async load(model, { threads } = {}) {
      if (threads !== undefined) checkThreads(threads);
      checkFormat(model, runtime);
      const bytes = graphBytesOf(model);
      const signature = parseSavedModel(bytes);
      const probe = probeNativeLibrary(threads);
      if (!('device' in probe)) throw new BackendError(`The runtime tensorflow is ${probe.status} on this machine: ${probe.reason}`);
      return createImageSession(toEngine(signature, open(bytes, loadBinding())));
    },
  };
  return runtime;
}

function open(bytes: Uint8Array, binding: Binding): Session {
  try {
    return openSession(bytes, binding);
  } catch (error) {
    throw new ModelFileError(`TensorFlow cannot load the SavedModel: ${firstLineOf(error)}`, { cause: error });
  }
}

function toEngine({ images: fed, logits, input, classes }: ServingSignature, session: Session): Engine {
  return {
    threads: countThreads(),
    input,
    classes,
    run(images, count) {
      const [result = new Float32Array()] = runSession([{ tensor: fed, shape: [count, ...input], values: images }]);
      if (result.length === count * classes) return result;
      throw new ModelFileError(`The SavedModel promises ${classes} logits an image, but gave ${result.length} for ${count}.`);
    },
    close: session.dispose,
  };

  function runSession(feeds: readonly Feed[]): readonly Float32Array[] {
    try {
      return session.run(feeds, [logits]);
    } catch (error) {
      throw new ModelFileError(`TensorFlow cannot run the SavedModel: ${firstLineOf(error)}`, { cause: error });
    }
  }
}
