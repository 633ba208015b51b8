/**
 * Residual networks. He et al. 2015, arXiv 1512.03385: §4.2 and table 6 for CIFAR (6n + 2 layers), table 1 for ImageNet.
 * Every change of width has a projection, a 1x1 convolution of stride 2 with batch norm. In bottlenecks the 3x3
 * convolution has the stride, not the first 1x1 (the form known as v1.5).
 */
import type { Node } from '../ir/architecture.js';
import type { ArchitectureName, Family, Modifier } from './family.js';
import { createSequence, type Sequence } from './sequence.js';

const baseWidth = (initial: number): Modifier => ({ letter: 'w', meaning: 'width of the first stage', initial, shown: false });

export const cifarResnet: Family = {
  family: 'resnet',
  sizes: ['20', '32', '44', '56', '110'],
  dataset: 'cifar',
  modifiers: [baseWidth(16)],
  source: 'He et al. 2015, arXiv 1512.03385, table 6',
  published: ['resnet-20', 'resnet-32', 'resnet-44', 'resnet-56', 'resnet-110'],
  build: (name, classes) => buildStages(name, classes, Array<number>(3).fill((Number(name.size) - 2) / 6), false),
};

const imagenetBlocks: Readonly<Record<string, readonly number[]>> = { 18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3] };

export const imagenetResnet: Family = {
  family: 'resnet',
  sizes: ['18', '34', '50'],
  dataset: 'imagenet',
  modifiers: [baseWidth(64)],
  source: 'He et al. 2015, arXiv 1512.03385, table 1',
  published: ['resnet-18', 'resnet-34', 'resnet-50', 'resnet-18-cifar', 'resnet-34-cifar', 'resnet-50-cifar'],
  build: (name, classes) => buildStages(name, classes, imagenetBlocks[name.size] ?? [], name.size === '50'),
};

function buildStages(name: ArchitectureName, classes: number, blocks: readonly number[], bottleneck: boolean): readonly Node[] {
  const net = createSequence();
  appendStem(net, name, bottleneck ? 'stem' : 'stage1');
  const appendBlock = bottleneck ? appendBottleneck : appendBasic;
  for (const [index, count] of blocks.entries()) {
    const width = name.baseWidth * 2 ** index;
    for (let block = 1; block <= count; block++) {
      const stride = index > 0 && block === 1 ? 2 : 1;
      const project = stride > 1 || (bottleneck && block === 1);
      appendBlock(net, `stage${index + 1}`, block, width, stride, project);
    }
  }
  net.classify(classes);
  return net.nodes;
}

function appendStem(net: Sequence, { dataset, baseWidth }: ArchitectureName, group: string): void {
  if (dataset === 'cifar') {
    net.conv('stem.conv', baseWidth, { group });
  } else {
    net.conv('stem.conv', baseWidth, { kernel: 7, stride: 2, group });
    net.pool('stem.pool', 'max-pool', 3);
  }
}

function appendBasic(net: Sequence, stage: string, block: number, width: number, stride: number, project: boolean): void {
  const id = `${stage}.block${block}`;
  const from = net.last();
  net.conv(`${id}.conv1`, width, { stride });
  const branch = net.conv(`${id}.conv2`, width, { group: stage, activation: 'none' });
  appendSum(net, id, stage, branch, from, width, project ? stride : 0);
}

function appendBottleneck(net: Sequence, stage: string, block: number, width: number, stride: number, project: boolean): void {
  const id = `${stage}.block${block}`;
  const from = net.last();
  net.conv(`${id}.conv1`, width, { kernel: 1 });
  net.conv(`${id}.conv2`, width, { stride });
  const branch = net.conv(`${id}.conv3`, 4 * width, { kernel: 1, group: stage, activation: 'none' });
  appendSum(net, id, stage, branch, from, 4 * width, project ? stride : 0);
}

/** `stride` of the projection; 0 for the identity. */
function appendSum(net: Sequence, id: string, stage: string, branch: string, from: string, width: number, stride: number): void {
  const project = { kernel: 1, stride, group: stage, activation: 'none', from } as const;
  const shortcut = stride > 0 ? net.conv(`${id}.shortcut.conv`, width, project) : from;
  net.append({ id: `${id}.add`, op: 'add', inputs: [shortcut, branch] });
  net.append({ id: `${id}.relu`, op: 'relu' });
}
