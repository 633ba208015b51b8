import { availableParallelism, cpus } from 'node:os';
import { env, type InferenceSession as OnnxSession, Tensor } from 'onnxruntime-node';
import { BackendError, ModelFileError } from '../core/errors.js';
import { bytesOf, checkThreads, createImageSession, type Engine, firstLineOf } from './image-session.js';
import { createOnnxSession, type OnnxruntimeDevice } from './onnxruntime-session.js';
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
      const threads = checkThreads(options.threads ?? availableParallelism());
      const probe = await runtime.probe();
      if (!('device' in probe)) throw new BackendError(`The runtime ${runtime.name} is ${probe.status} on this machine: ${probe.reason}`);
      return createImageSession(toEngine(await open(bytes, device, threads), threads));
    },
  };
  return runtime;
}

async function open(bytes: Uint8Array, device: OnnxruntimeDevice, threads: number): Promise<OnnxSession> {
  try {
    return await createOnnxSession(bytes, device, threads);
  } catch (error) {
    throw new ModelFileError(`ONNX Runtime cannot load the file: ${firstLineOf(error)}`, { cause: error });
  }
}

function toEngine(session: OnnxSession, threads: number): Engine {
  const [input, ...otherInputs] = session.inputMetadata;
  const [output, ...otherOutputs] = session.outputMetadata;
  const [batch, channels, height, width, ...tooMany] = input?.isTensor && input.type === 'float32' ? input.shape : [];
  const classes = output?.isTensor && output.type === 'float32' && output.shape.length === 2 ? output.shape[1] : undefined;
  const fits = [input, output, ...otherInputs, ...otherOutputs, ...tooMany].length === 2;
  if (!fits || !input || !output || !isSide(channels) || !isSide(height) || !isSide(width) || !isSide(classes)) {
    throw new ModelFileError(
      `The ONNX model takes ${describe(session.inputMetadata)} and gives ${describe(session.outputMetadata)}, but PreCrop runs one that takes ` +
        'float32 images [batch, channels, height, width] and gives float32 logits [batch, classes].',
    );
  }
  return {
    threads,
    input: [height, width, channels],
    classes,
    fixedBatch: isSide(batch) ? batch : undefined,
    async run(images, count) {
      const feed = new Tensor('float32', toChannelsFirst(images, channels, height * width), [count, channels, height, width]);
      try {
        const result = await session.run({ [input.name]: feed });
        return result[output.name]?.data as Float32Array;
      } catch (error) {
        throw new ModelFileError(`ONNX Runtime cannot run the model: ${firstLineOf(error)}`, { cause: error });
      }
    },
    close: () => session.release(),
  };
}

function isSide(extent: number | string | undefined): extent is number {
  return typeof extent === 'number' && extent > 0;
}

function describe(values: readonly OnnxSession.ValueMetadata[]): string {
  return values.map((value) => (value.isTensor ? `${value.type} ${value.name} [${value.shape.join(', ')}]` : value.name)).join(', ');
}

/** [n, pixels, channels] → [n, channels, pixels]. */
function toChannelsFirst(images: Float32Array, channels: number, pixels: number): Float32Array {
  const moved = new Float32Array(images.length);
  let target = 0;
  for (let image = 0; image < images.length; image += channels * pixels) {
    for (let first = image; first < image + channels; first++) {
      let source = first;
      for (let pixel = 0; pixel < pixels; pixel++, source += channels) moved[target++] = images[source] as number;
    }
  }
  return moved;
}
