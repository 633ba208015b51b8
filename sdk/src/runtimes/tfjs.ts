import { dispose, type Tensor, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { loadTfjsDevice, onDevice, probeDevice, type TfjsDevice } from '../backends/tfjs-eager/device.js';
import { holdProcess } from '../backends/tfjs-eager/hold-process.js';
import { ModelFileError } from '../core/errors.js';
import type { ModelFile } from '../export/format.js';
import { importArchitecture } from '../export/registry.js';
import { parseModelJson } from '../export/tfjs/model-json.js';
import { checkFormat, checkThreads, createImageSession, firstLineOf } from './image-session.js';
import type { Runtime } from './runtime.js';

/** A layers model of TensorFlow.js. Its kernels start one after the other from JavaScript, and on `cpu` and `wasm` they block the thread. */
export function createTfjsRuntime({ device }: { readonly device: TfjsDevice }): Runtime {
  const runtime: Runtime = {
    name: `tfjs/${device}`,
    format: 'tfjs',
    probe: () => probeDevice(device),
    async load(file, { threads } = {}) {
      checkFormat(file, runtime);
      if (threads !== undefined) checkThreads(threads);
      const architecture = await importArchitecture(file); // tfjs would make room for whatever a layer claims to be
      const loaded = await loadTfjsDevice(device);
      const model = await onDevice(device, () => loadModel(file));
      return createImageSession({
        threads: loaded.threads,
        input: architecture.input,
        classes: architecture.classes,
        async run(images, count) {
          const logits = await onDevice(device, () =>
            tidy(() => model.predictOnBatch(tensor4d(images, [count, ...architecture.input])) as Tensor),
          );
          try {
            return Float32Array.from(await holdProcess(logits.data())); // a copy: the cpu backend gives its own array away
          } finally {
            dispose(logits);
          }
        },
        close: () => onDevice(device, () => void model.dispose()),
      });
    },
  };
  return runtime;
}

async function loadModel(file: ModelFile): Promise<LayersModel> {
  const { topology, weights } = parseModelJson(file);
  const bytes = weights.flatMap(({ paths }) => paths.map((path) => file.files.get(path) as Uint8Array));
  try {
    return await loadLayersModel({
      load: async () => ({
        modelTopology: topology as object,
        weightSpecs: weights.flatMap((group) =>
          group.weights.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' as const })),
        ),
        weightData: bytes.map((part) => part.slice().buffer),
      }),
    });
  } catch (error) {
    throw new ModelFileError(`tfjs cannot load the model: ${firstLineOf(error)}`, { cause: error });
  }
}
