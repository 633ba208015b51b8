/**
 * VGG with batch norm. Simonyan & Zisserman 2014, arXiv 1409.1556, table 1 (A, B, D, E). For CIFAR as pruning papers use
 * it (lottery tickets, SynFlow): no pool after the last stage, global average pooling and one dense layer. For ImageNet
 * the paper's three dense layers, the first two written as the convolutions they are.
 */
import type { Node } from '../ir/architecture.js';
import type { Family } from './family.js';
import { createSequence, type Sequence } from './sequence.js';

const widths = [64, 128, 256, 512, 512];
const convolutions: Readonly<Record<string, readonly number[]>> = {
  11: [1, 1, 2, 2, 2],
  13: [2, 2, 2, 2, 2],
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
};

export const vgg: Family = {
  family: 'vgg',
  sizes: ['11', '13', '16', '19'],
  dataset: 'cifar',
  modifiers: [],
  source: 'Simonyan & Zisserman 2014, arXiv 1409.1556, table 1',
  published: ['vgg-11', 'vgg-13', 'vgg-16', 'vgg-19', 'vgg-11-imagenet', 'vgg-13-imagenet', 'vgg-16-imagenet', 'vgg-19-imagenet'],
  build({ size, dataset }, classes): readonly Node[] {
    const net = createSequence();
    for (const [index, count] of (convolutions[size] ?? []).entries()) {
      const stage = `stage${index + 1}`;
      for (let layer = 1; layer <= count; layer++) net.conv(`${stage}.conv${layer}`, widths[index] ?? 0);
      if (index < widths.length - 1 || dataset === 'imagenet') net.pool(`${stage}.pool`, 'max-pool', 2);
    }
    if (dataset === 'imagenet') appendDense(net);
    net.classify(classes);
    return net.nodes;
  },
};

/** 7x7x512 → 4096 → 4096. */
function appendDense(net: Sequence): void {
  for (const [index, kernel] of [7, 1].entries()) {
    const layer = {
      op: 'conv',
      outChannels: 4096,
      kernel: [kernel, kernel],
      strides: [1, 1],
      padding: 'valid',
      groups: 1,
      bias: true,
    } as const;
    net.append({ id: `head.conv${index + 1}`, ...layer });
    net.append({ id: `head.relu${index + 1}`, op: 'relu' });
  }
}
