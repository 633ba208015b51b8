/**
 * MobileNetV1: a chain of depthwise and pointwise convolutions. Howard et al. 2017, arXiv 1704.04861, table 1.
 * `-xM` is the paper's α; widths are rounded to multiples of 8, which leaves all of the paper's as they are.
 * For CIFAR the stem keeps the image's size: 32 → 16 → 8 → 4 → 2.
 */
import type { Node } from '../ir/architecture.js';
import type { Family } from './family.js';
import { roundChannels } from './round-channels.js';
import { createSequence } from './sequence.js';

/** [width, stride] of each block. */
const blocks: readonly (readonly [number, number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  ...Array.from({ length: 5 }, () => [512, 1] as const),
  [1024, 2],
  [1024, 1],
];

export const mobilenetV1: Family = {
  family: 'mobilenet',
  sizes: ['v1'],
  dataset: 'imagenet',
  modifiers: [{ letter: 'x', meaning: 'multiplies every width', initial: 1, shown: true }],
  source: 'Howard et al. 2017, arXiv 1704.04861, table 1',
  published: ['mobilenet-v1-x0.25', 'mobilenet-v1-x0.5', 'mobilenet-v1-x0.75', 'mobilenet-v1-x1.0', 'mobilenet-v1-x1.0-cifar'],
  build({ multiplier, dataset }, classes): readonly Node[] {
    const net = createSequence();
    net.conv('stem.conv', roundChannels(32, multiplier), { stride: dataset === 'cifar' ? 1 : 2, group: 'stem' });
    for (const [index, [width, stride]] of blocks.entries()) {
      const block = `block${index + 1}`;
      net.depthwise(`${block}.depthwise.conv`, { stride });
      net.conv(`${block}.pointwise.conv`, roundChannels(width, multiplier), { kernel: 1, group: block });
    }
    net.classify(classes);
    return net.nodes;
  },
};
