import { ExportError } from '../../core/errors.js';
import type { Format } from '../format.js';

export const savedModel: Format = {
  name: 'saved-model',
  supports: { float16: false, sparse: false, dynamicBatch: true },
  write: () => {
    throw new ExportError('not written yet');
  },
  readDescription: () => undefined,
};
