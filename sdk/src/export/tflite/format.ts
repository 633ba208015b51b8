import { ModelFileError } from '../../core/errors.js';
import type { Format, ModelFile } from '../format.js';
import { descriptionKey, type ModelDescription, parseModelDescription } from '../model.js';
import { slots } from './schema.js';
import { readRoot } from './table-reader.js';
import { verifyTflite } from './verify.js';
import { writeTflite } from './write.js';

/** TensorFlow Lite, now LiteRT: NHWC, one signature `serving_default` from `images` to `logits`. Readers may resize the batch. */
export const tflite: Format = {
  name: 'tflite',
  supports: { float16: true, sparse: true, dynamicBatch: true },
  write: (model, options) => ({ format: 'tflite', files: new Map([['model.tflite', writeTflite(model, options)]]) }),
  readDescription(file) {
    const bytes = onlyFileOf(file);
    verifyTflite(bytes);
    return descriptionOf(bytes);
  },
};

function onlyFileOf({ files }: ModelFile): Uint8Array {
  const [bytes, ...others] = files.values();
  if (bytes && others.length === 0) return bytes;
  throw new ModelFileError(`A tflite model is one file, but here are ${files.size}. Give the .tflite file alone.`);
}

function descriptionOf(bytes: Uint8Array): ModelDescription | undefined {
  const model = readRoot(bytes);
  for (const entry of model.tables(slots.model.metadata)) {
    if (entry.text(slots.metadata.name) !== descriptionKey) continue;
    const buffer = [...model.tables(slots.model.buffers)][entry.uint(slots.metadata.buffer)];
    return buffer && parseModelDescription(new TextDecoder().decode(buffer.bytes(slots.buffer.data)));
  }
  return undefined;
}
