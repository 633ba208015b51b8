import type { Format } from '../format.js';
import { parseModelJson } from './model-json.js';
import { readModel } from './read.js';
import { writeModel } from './write.js';

/** A layers model of TensorFlow.js: `tf.loadLayersModel('…/model.json')` in any browser, float32, any number of images a call. */
export const tfjs: Format = {
  name: 'tfjs',
  supports: { float16: false, sparse: false, dynamicBatch: true },
  write: (model) => writeModel(model),
  readDescription: (file) => parseModelJson(file).description,
  read: readModel,
};
