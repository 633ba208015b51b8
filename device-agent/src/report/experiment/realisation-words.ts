import type { Realisation } from '../../experiment/granularity-cells.js';

/** How each realisation is called where a person reads of it. */
export const realisationWords: Readonly<Record<Realisation | 'original', string>> = {
  original: 'original',
  unstructured: 'single weights',
  shuffled: 'shuffled in each layer',
  kernel: 'whole kernels',
  channel: 'whole input channels',
  redrawn: 'other first weights',
  crop: 'crop',
};

/** The same as the subject of a sentence. */
export const realisationSubjects: Readonly<Record<Realisation, string>> = {
  unstructured: 'Zeroing single weights',
  shuffled: 'Shuffling the zeros within each layer',
  kernel: 'Zeroing whole kernels',
  channel: 'Zeroing whole input channels',
  redrawn: 'Keeping the zeros and drawing other first weights',
  crop: 'Cropping',
};
