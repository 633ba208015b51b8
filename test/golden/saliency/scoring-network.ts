import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import type { Batch } from '@precrop/sdk/data/make-batch';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import type { Masks } from '@precrop/sdk/mask/masks';
import { drawMasks } from '@precrop/sdk/mask/realise';
import { initializeWeights } from '@precrop/sdk/program/variables';
import { cutBehind, narrow } from '../../support/small-networks.js';

/** What is scored here and, independently, in Python: a network at its first weights, a batch, and masks to score it under. */
export interface ScoringNetwork {
  /** Of `FILE.golden.json`. */
  readonly file: string;
  readonly architecture: Architecture;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly batch: Batch;
  /** Random, 30% of each layer: for criteria that score again when weights are gone. */
  readonly masks: Masks;
}

const images = 20;
const maskedDensity = 0.3;

/** Nearly 20 000 weights each: with projections; with depthwise convolutions; deep, with relu6 and bottlenecks. */
export const scoringArchitectures: readonly { readonly file: string; readonly architecture: Architecture }[] = [
  { file: 'resnet-20-w4', architecture: createArchitecture('resnet-20-w4', { inputSize: 16 }) },
  { file: 'mobilenet-v1', architecture: cutBehind(createArchitecture('mobilenet-v1-x0.25-cifar', { inputSize: 16 }), 'block6') },
  { file: 'mobilenet-v2', architecture: narrow(createArchitecture('mobilenet-v2-x1.0-cifar', { inputSize: 16 }), 12) },
];

/** The network of that file. */
export function createScoringNetwork(file: string): ScoringNetwork {
  const found = scoringArchitectures.find((each) => each.file === file);
  if (!found) throw new RangeError(file);
  const { architecture } = found;
  const layers = findPrunableLayers(architecture);
  return {
    ...found,
    weights: initializeWeights(architecture, 0),
    batch: drawBatch(architecture, images),
    masks: drawMasks(layers, new Map(layers.map(({ id }) => [id, maskedDensity])), createRng(2)),
  };
}

/** Images of normal noise, labelled in turn. */
export function drawBatch({ input, classes }: Architecture, count: number): Batch {
  const rng = createRng(1);
  return {
    images: Float32Array.from({ length: count * input[0] * input[1] * input[2] }, () => rng.normal()),
    labels: Int32Array.from({ length: count }, (_, index) => index % classes),
  };
}
