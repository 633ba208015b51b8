import type { Rng } from '@precrop/sdk/core/rng';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Model } from '@precrop/sdk/export/model';
import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import { applyMasks } from '@precrop/sdk/mask/masks';
import { drawMasks } from '@precrop/sdk/mask/realise';
import { toInference } from '@precrop/sdk/program/training-step';
import { initializeVariables } from '@precrop/sdk/program/variables';

/** Convolutions of one shape in a row: so a layer's own time shows, and not that of what stands round it. */
export interface ChainShape {
  readonly channels: number;
  /** Height and width of the image. */
  readonly size: number;
}

/** The three stages of a ResNet for small images: as many multiply-accumulates a layer in each. */
export const chainShapes: readonly ChainShape[] = [
  { channels: 16, size: 32 },
  { channels: 32, size: 16 },
  { channels: 64, size: 8 },
];

/** Images of a call. */
export const chainBatch = 8;
const layers = 8;

export function nameChain({ channels, size }: ChainShape): string {
  return `3x3, ${channels} channels, ${size}x${size}`;
}

/** A chain with exactly round(density · n) of each layer's weights left, at random places. */
export function createChain({ channels, size }: ChainShape, density: number, rng: Rng): Model {
  const convolutions = Array.from({ length: layers }, (_, index): readonly Node[] => [
    {
      id: `conv${index}`,
      op: 'conv',
      inputs: [index === 0 ? 'input' : `relu${index - 1}`],
      outChannels: channels,
      kernel: [3, 3],
      strides: [1, 1],
      padding: 'same',
      groups: 1,
      bias: true,
    },
    { id: `relu${index}`, op: 'relu', inputs: [`conv${index}`] },
  ]);
  const nodes: readonly Node[] = [...convolutions.flat(), { id: 'mean', op: 'global-avg-pool', inputs: [`relu${layers - 1}`] }];
  const architecture: Architecture = { name: `chain-${channels}`, input: [size, size, channels], classes: channels, nodes, output: 'mean' };
  const prunable = findPrunableLayers(architecture);
  const weights = initializeVariables(toInference(architecture).variables, rng.fork('weights'));
  const masks = drawMasks(prunable, new Map(prunable.map(({ id }) => [id, density])), rng.fork('masks'));
  // As large as they would have been drawn for so few inputs: else the values of each layer would be smaller than those of the one before.
  const scaled = new Map([...weights].map(([name, values]) => [name, values.map((value) => value / Math.sqrt(density))]));
  return { architecture, weights: applyMasks(scaled, masks), metadata: {} };
}
