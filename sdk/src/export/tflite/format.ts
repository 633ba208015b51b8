import type { Format } from '../format.js';
import { writeTflite } from './write.js';

const fileName = 'model.tflite';

/** TensorFlow Lite, now LiteRT. One file; images [batch, h, w, c] under the signature `serving_default`. */
export const tflite: Format = {
  name: 'tflite',
  supports: { float16: true, sparse: true, dynamicBatch: true },
  write: (model, options) => ({ format: 'tflite', files: new Map([[fileName, writeTflite(model, options)]]) }),
  readDescription: () => undefined,
};
