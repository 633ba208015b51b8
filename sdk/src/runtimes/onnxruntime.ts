import { availableParallelism, cpus } from 'node:os';
import { env, type InferenceSession as OnnxSession, Tensor } from 'onnxruntime-node';
import { BackendError, ModelFileError } from '../core/errors.js';
import { importArchitecture } from '../export/registry.js';
import type { Architecture } from '../ir/architecture.js';
import { bytesOf, checkThreads, createImageSession, type Engine } from './image-session.js';
import { createOnnxSession, type OnnxruntimeDevice, reasonOf } from './onnxruntime-session.js';
import { probeAccelerator } from './probe-accelerator.js';
import type { Runtime } from './runtime.js';

/**
 * ONNX Runtime on the CPU or an accelerator; what an accelerator has no kernel for runs on the CPU. `infer` blocks the thread while it computes:
 * the package's `run` is asynchronous in form alone.
 */
export function createOnnxruntime({ device }: { readonly device: OnnxruntimeDevice }): Runtime {
  const runtime: Runtime = {
    name: `onnxruntime/${device}`,
    format: 'onnx',
    probe: async () => {
      const version = `ONNX Runtime ${env.versions.node}`;
      if (device === 'cpu') return { status: 'ready', device: cpus()[0]?.model.trim() ?? 'CPU', version };
      return probeAccelerator(device, version);
    },
    async load(model, options = {}) {
      const bytes = bytesOf(model, runtime);
      const architecture = await importArchitecture(model); // native code sees no file that was not read before
      const threads = checkThreads(options.threads ?? availableParallelism());
      const probe = await runtime.probe();
      if (!('device' in probe)) throw new BackendError(`The runtime ${runtime.name} is ${probe.status} on this machine: ${probe.reason}`);
      return createImageSession(toEngine(await open(bytes, device, threads), architecture, threads));
    },
  };
  return runtime;
}

async function open(bytes: Uint8Array, device: OnnxruntimeDevice, threads: number): Promise<OnnxSession> {
  try {
    return await createOnnxSession(bytes, device, threads);
  } catch (error) {
    throw new ModelFileError(`ONNX Runtime cannot load the file: ${reasonOf(error)}`, { cause: error });
  }
}

function toEngine(session: OnnxSession, { input, classes }: Architecture, threads: number): Engine {
  const [{ name, shape }] = session.inputMetadata as readonly [OnnxSession.TensorValueMetadata];
  const [output] = session.outputNames as readonly [string];
  const [height, width, channels] = input;
  let feed = new Tensor('float32', [], [0, channels, height, width]); // kept: calls come one after the other, most with one batch
  return {
    threads,
    input,
    classes,
    fixedBatch: typeof shape[0] === 'number' ? shape[0] : undefined,
    async run(images, count) {
      if (feed.dims[0] !== count) feed = new Tensor('float32', new Float32Array(images.length), [count, channels, height, width]);
      moveChannelsFirst(images, feed.data as Float32Array, channels, height * width);
      try {
        const result = await session.run({ [name]: feed });
        return result[output]?.data as Float32Array;
      } catch (error) {
        throw new ModelFileError(`ONNX Runtime cannot run the model: ${reasonOf(error)}`, { cause: error });
      }
    },
    close: () => session.release(),
  };
}

/** [n, pixels, channels] → [n, channels, pixels]. Places are products: V8 makes of sums that grow by a step a loop that takes twice as long. */
function moveChannelsFirst(images: Float32Array, moved: Float32Array, channels: number, pixels: number): void {
  for (let image = 0; image < images.length; image += channels * pixels) {
    for (let channel = 0; channel < channels; channel++) {
      const [source, target] = [image + channel, image + channel * pixels];
      for (let pixel = 0; pixel < pixels; pixel++) moved[target + pixel] = images[source + pixel * channels] as number;
    }
  }
}
