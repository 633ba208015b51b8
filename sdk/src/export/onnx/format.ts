import { ExportError } from '../../core/errors.js';
import type { Format } from '../format.js';

export const onnx: Format = {
  name: 'onnx',
  supports: { float16: false, sparse: false, dynamicBatch: true },
  write: () => {
    throw new ExportError('not written yet');
  },
  readDescription: () => undefined,
};
