import type { Model } from '@precrop/sdk/export/model';
import { toFloat16 } from '@precrop/sdk/export/tflite/float16';
import { fromFloat16 } from './float16.js';

/** The model that a file with float16 weights holds: kernels take two bytes, all else four. */
export function roundKernels(model: Model): Model {
  const round = (values: Float32Array): Float32Array => Float32Array.from(toFloat16(values), fromFloat16);
  return {
    ...model,
    weights: new Map([...model.weights].map(([name, values]) => [name, name.endsWith('/kernel') ? round(values) : values])),
  };
}
