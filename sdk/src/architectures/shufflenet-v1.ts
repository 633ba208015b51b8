/**
 * ShuffleNet: grouped 1x1 convolutions and channel shuffles. Zhang et al. 2017, arXiv 1707.01083, table 1 and figure 2.
 * `-gK` is the number of groups, default 3; the first 1x1 convolution of stage 2 has one. For CIFAR the stem keeps the image's size.
 *
 * A stage begins by putting its new channels behind those that it averages from the stage before. So the width group
 * `stage3` holds the channels that stage 3 adds, and its stream is `stem` + `stage2` + `stage3`.
 */
import type { Node } from '../ir/architecture.js';
import type { Family } from './family.js';
import { createSequence, type Sequence } from './sequence.js';

const stageWidths: Readonly<Record<number, number>> = { 1: 144, 2: 200, 3: 240, 4: 272, 8: 384 };
const blocks = [4, 8, 4];

export const shufflenetV1: Family = {
  family: 'shufflenet',
  sizes: ['v1'],
  dataset: 'imagenet',
  modifiers: [
    { letter: 'g', meaning: 'groups of the 1x1 convolutions', initial: 3, shown: true, allowed: [1, 2, 3, 4, 8] },
    { letter: 'x', meaning: 'multiplies every width', initial: 1, shown: false },
  ],
  source: 'Zhang et al. 2017, arXiv 1707.01083, table 1',
  published: [
    'shufflenet-v1-g1',
    'shufflenet-v1-g2',
    'shufflenet-v1-g3',
    'shufflenet-v1-g4',
    'shufflenet-v1-g8',
    'shufflenet-v1-g3-x0.5',
    'shufflenet-v1-g3-cifar',
  ],
  build({ groups, multiplier, dataset }, classes): readonly Node[] {
    const net = createSequence();
    let inWidth = roundTo(24 * multiplier, groups);
    net.conv('stem.conv', inWidth, { stride: dataset === 'cifar' ? 1 : 2, group: 'stem' });
    if (dataset === 'imagenet') net.pool('stem.pool', 'max-pool', 3);
    for (const [index, count] of blocks.entries()) {
      const width = roundTo((stageWidths[groups] ?? 0) * multiplier, 4 * groups) * 2 ** index;
      for (let block = 1; block <= count; block++) {
        appendBlock(net, `stage${index + 2}`, block, inWidth, width, groups);
        inWidth = width;
      }
    }
    net.classify(classes);
    return net.nodes;
  },
};

function appendBlock(net: Sequence, stage: string, block: number, inWidth: number, width: number, groups: number): void {
  const id = `${stage}.block${block}`;
  const from = net.last();
  const first = block === 1;
  net.conv(`${id}.conv1`, width / 4, { kernel: 1, groups: first && stage === 'stage2' ? 1 : groups });
  if (groups > 1) net.append({ id: `${id}.shuffle`, op: 'channel-shuffle', groups });
  net.depthwise(`${id}.conv2`, { stride: first ? 2 : 1, activation: 'none' });
  const branch = net.conv(`${id}.conv3`, first ? width - inWidth : width, { kernel: 1, groups, group: stage, activation: 'none' });
  if (first) net.append({ id: `${id}.concat`, op: 'concat', inputs: [net.pool(`${id}.pool`, 'avg-pool', 3, from), branch] });
  else net.append({ id: `${id}.add`, op: 'add', inputs: [from, branch] });
  net.append({ id: `${id}.relu`, op: 'relu' });
}

/** The nearest multiple, at least one. */
function roundTo(channels: number, multiple: number): number {
  return Math.max(1, Math.round(channels / multiple)) * multiple;
}
