import { type Binding, countThreads, loadBinding } from '../backends/tensorflow-graph/binding.js';
import { probeNativeLibrary } from '../backends/tensorflow-graph/probe.js';
import { openSession, type Session } from '../backends/tensorflow-graph/session.js';
import { BackendError, ModelFileError, UsageError } from '../core/errors.js';
import { graphBytesOf } from '../export/saved-model/format.js';
import { parseSavedModel, type ServingSignature } from '../export/saved-model/parse-saved-model.js';
import { sizeOf } from '../ir/node.js';
import { checkFormat, checkThreads, firstLineOf } from './image-session.js';
import type { InferenceSession, Runtime } from './runtime.js';

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
      return createSession(signature, open(bytes, loadBinding()), countThreads());
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

function createSession({ images: fed, logits, input, classes }: ServingSignature, session: Session, threads: number): InferenceSession {
  const size = sizeOf(input);
  return {
    threads,
    input,
    classes,
    async infer(images) {
      const batch = images.length / size;
      if (!Number.isSafeInteger(batch) || batch < 1) {
        throw new UsageError(`${images.length} values are no whole number of images of ${input.join('x')}, which have ${size} each.`);
      }
      const [result = new Float32Array()] = run([{ tensor: fed, shape: [batch, ...input], values: images }]);
      if (result.length !== batch * classes) {
        throw new ModelFileError(`The SavedModel promises ${classes} logits an image, but gave ${result.length} for ${batch}.`);
      }
      return result;
    },
    dispose: async () => session.dispose(),
  };

  function run(feeds: Parameters<Session['run']>[0]): Float32Array[] {
    try {
      return session.run(feeds, [logits]);
    } catch (error) {
      if (error instanceof BackendError) throw error; // it was disposed
      throw new ModelFileError(`TensorFlow cannot run the SavedModel: ${firstLineOf(error)}`, { cause: error });
    }
  }
}
