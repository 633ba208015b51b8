import { ModelFileError } from '../../core/errors.js';
import { verifyTflite } from '../../export/tflite/verify.js';
import { createImageSession, type Engine } from '../image-session.js';
import type { InferenceSession } from '../runtime.js';
import type { OpenModule, TensorInfo, TfliteRunner } from './wasm-module.js';

/**
 * A session over a module of its own, which it closes.
 * @throws ModelFileError for a file that TFLite cannot read, or that is no classifier of images.
 */
export async function openTfliteSession(open: OpenModule, bytes: Uint8Array): Promise<InferenceSession> {
  try {
    verifyTflite(bytes); // TFLite trusts a file's offsets and lengths
    return createImageSession(toEngine(open, createRunner(open, bytes)));
  } catch (error) {
    await open.close();
    throw error instanceof ModelFileError
      ? error
      : new ModelFileError(`TFLite cannot load the file: ${explain(open, error)}`, { cause: error });
  }
}

// The runner reads weights where they lie: the file stays in the module's memory for as long as that lives.
function createRunner({ module, threads, lines }: OpenModule, bytes: Uint8Array): TfliteRunner {
  const pointer = module._malloc(bytes.length);
  if (pointer === 0) throw new ModelFileError(`The file has ${bytes.length} bytes, more than the memory of TFLite's wasm holds.`);
  module.HEAPU8.set(bytes, pointer);
  const created = module.TFLiteWebModelRunner.CreateFromBufferAndOptions(pointer, bytes.length, {
    numThreads: threads,
    enableWebNNDelegate: false,
    webNNDeviceType: 0,
    enableProfiling: false,
    maxProfilingBufferEntries: 1024,
  });
  if (!created.ok()) throw new ModelFileError(`TFLite cannot load the file: ${lastOf(lines) ?? created.errorMessage()}`);
  return created.value();
}

function toEngine(open: OpenModule, runner: TfliteRunner): Engine {
  const [inputs, outputs] = [listOf(runner.GetInputs()), listOf(runner.GetOutputs())];
  const [input] = inputs;
  const [output] = outputs;
  const [batch = 0, height = 0, width = 0, channels = 0, ...more] = shapeOf(input);
  const [outputBatch = 0, classes = 0, ...moreOutput] = shapeOf(output);
  const fits = inputs.length === 1 && outputs.length === 1 && more.length === 0 && moreOutput.length === 0 && outputBatch === batch;
  if (!input || !output || !fits || batch * height * width * channels * classes === 0) {
    throw new ModelFileError(
      `The TFLite model takes ${describe(inputs)} and gives ${describe(outputs)}, but PreCrop runs one that takes float32 images ` +
        '[batch, height, width, channels] and gives float32 logits [batch, classes].',
    );
  }
  return {
    threads: open.threads,
    input: [height, width, channels],
    classes,
    fixedBatch: batch,
    run(images) {
      (input.data() as Float32Array).set(images);
      if (!infer(open, runner)) throw new ModelFileError(`TFLite cannot run the model: ${lastOf(open.lines) ?? 'it does not say why'}`);
      return (output.data() as Float32Array).slice();
    },
    close: () => open.close(),
  };
}

function infer(open: OpenModule, runner: TfliteRunner): boolean {
  try {
    return runner.Infer();
  } catch (error) {
    throw new ModelFileError(`TFLite cannot run the model: ${explain(open, error)}`, { cause: error });
  }
}

function listOf(infos: ReturnType<TfliteRunner['GetInputs']>): readonly TensorInfo[] {
  return Array.from({ length: infos.size() }, (_, index) => infos.get(index));
}

/** Empty for values of another type. */
function shapeOf(info: TensorInfo | undefined): readonly number[] {
  return info?.dataType === 'float32' ? info.shape.split(',').map(Number) : [];
}

function describe(infos: readonly TensorInfo[]): string {
  return infos.map(({ name, dataType, shape }) => `${dataType} ${name} [${shape.replaceAll(',', ', ')}]`).join(', ');
}

/** What TFLite said before its code stopped, or else how it stopped. */
function explain({ lines }: OpenModule, error: unknown): string {
  return lastOf(lines) ?? (error as Error).message;
}

function lastOf(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => line.startsWith('ERROR'))?.replace(/^ERROR:\s*/, '');
}
