/**
 * MobileNetV2: inverted residuals with linear bottlenecks. Sandler et al. 2018, arXiv 1801.04381, table 2.
 * For CIFAR the stem and the first two stages keep the image's size: strides 1, 1, 2, 2, 1, 2, 1, so 32 → 4.
 * Width groups: `stem`, the streams `stage1` … `stage7`, the inner widths `stage2.block1.expand` …, `head`.
 */
import type { Node } from '../ir/architecture.js';
import type { Family } from './family.js';
import { roundChannels } from './round-channels.js';
import { createSequence, type Sequence } from './sequence.js';

interface Stage {
  readonly expansion: number;
  readonly width: number;
  readonly blocks: number;
  readonly stride: number;
}

/** A row of table 2 a stage. */
const stages: readonly Stage[] = [
  { expansion: 1, width: 16, blocks: 1, stride: 1 },
  { expansion: 6, width: 24, blocks: 2, stride: 2 },
  { expansion: 6, width: 32, blocks: 3, stride: 2 },
  { expansion: 6, width: 64, blocks: 4, stride: 2 },
  { expansion: 6, width: 96, blocks: 3, stride: 1 },
  { expansion: 6, width: 160, blocks: 3, stride: 2 },
  { expansion: 6, width: 320, blocks: 1, stride: 1 },
];

export const mobilenetV2: Family = {
  family: 'mobilenet',
  sizes: ['v2'],
  dataset: 'imagenet',
  modifiers: [{ letter: 'x', meaning: 'multiplies every width', initial: 1, shown: true }],
  source: 'Sandler et al. 2018, arXiv 1801.04381, table 2',
  published: [
    'mobilenet-v2-x0.35',
    'mobilenet-v2-x0.5',
    'mobilenet-v2-x0.75',
    'mobilenet-v2-x1.0',
    'mobilenet-v2-x1.4',
    'mobilenet-v2-x0.5-cifar',
    'mobilenet-v2-x1.0-cifar',
  ],
  build({ multiplier, dataset }, classes): readonly Node[] {
    const cifar = dataset === 'cifar';
    const net = createSequence();
    let width = roundChannels(32, multiplier);
    net.conv('stem.conv', width, { stride: cifar ? 1 : 2, group: 'stem', activation: 'relu6' });
    for (const [index, stage] of stages.entries()) {
      const stride = cifar && index === 1 ? 1 : stage.stride;
      for (let block = 1; block <= stage.blocks; block++) {
        appendBlock(net, `stage${index + 1}`, block, stage, width, roundChannels(stage.width, multiplier), block === 1 ? stride : 1);
        width = roundChannels(stage.width, multiplier);
      }
    }
    net.conv('head.conv', roundChannels(1280, Math.max(1, multiplier)), { kernel: 1, group: 'head', activation: 'relu6' });
    net.classify(classes);
    return net.nodes;
  },
};

function appendBlock(
  net: Sequence,
  stage: string,
  block: number,
  { expansion }: Stage,
  inWidth: number,
  outWidth: number,
  stride: number,
): void {
  const id = `${stage}.block${block}`;
  const from = net.last();
  if (expansion > 1) net.conv(`${id}.expand.conv`, inWidth * expansion, { kernel: 1, group: `${id}.expand`, activation: 'relu6' });
  net.depthwise(`${id}.depthwise.conv`, { stride, activation: 'relu6' });
  net.conv(`${id}.project.conv`, outWidth, { kernel: 1, group: stage, activation: 'none' });
  if (stride === 1 && block > 1) net.append({ id: `${id}.add`, op: 'add', inputs: [from, net.last()] });
}
