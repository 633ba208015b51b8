/**
 * ShuffleNetV2: half of the channels pass, half are computed, then both are shuffled. Ma et al. 2018, arXiv 1807.11164,
 * table 5 and figure 3. For CIFAR the stem keeps the image's size.
 *
 * The shuffles tie both halves of a stage, so the width group `stage2` is one half: 58 of the 116 channels of x1.0.
 */
import type { Node } from '../ir/architecture.js';
import type { Family } from './family.js';
import { createSequence, type Sequence } from './sequence.js';

/** Widths of stages 2 to 4 and of the last convolution. */
const widths: Readonly<Record<number, { readonly stages: readonly number[]; readonly head: number }>> = {
  0.5: { stages: [48, 96, 192], head: 1024 },
  1: { stages: [116, 232, 464], head: 1024 },
  1.5: { stages: [176, 352, 704], head: 1024 },
  2: { stages: [244, 488, 976], head: 2048 },
};
const blocks = [4, 8, 4];

export const shufflenetV2: Family = {
  family: 'shufflenet',
  sizes: ['v2'],
  dataset: 'imagenet',
  modifiers: [{ letter: 'x', meaning: 'chooses the widths', initial: 1, shown: true, allowed: [0.5, 1, 1.5, 2] }],
  source: 'Ma et al. 2018, arXiv 1807.11164, table 5',
  published: ['shufflenet-v2-x0.5', 'shufflenet-v2-x1.0', 'shufflenet-v2-x1.5', 'shufflenet-v2-x2.0', 'shufflenet-v2-x1.0-cifar'],
  build({ multiplier, dataset }, classes): readonly Node[] {
    const { stages = [], head = 0 } = widths[multiplier] ?? {};
    const net = createSequence();
    net.conv('stem.conv', 24, { stride: dataset === 'cifar' ? 1 : 2, group: 'stem' });
    if (dataset === 'imagenet') net.pool('stem.pool', 'max-pool', 3);
    for (const [index, width] of stages.entries()) {
      const stage = `stage${index + 2}`;
      appendFirstBlock(net, stage, width / 2);
      for (let block = 2; block <= (blocks[index] ?? 0); block++) appendBlock(net, stage, block, width / 2);
    }
    net.conv('head.conv', head, { kernel: 1, group: 'head' });
    net.classify(classes);
    return net.nodes;
  },
};

/** Figure 3d: both halves read the whole input, with stride 2. */
function appendFirstBlock(net: Sequence, stage: string, half: number): void {
  const id = `${stage}.block1`;
  const from = net.last();
  net.depthwise(`${id}.shortcut.conv1`, { stride: 2, activation: 'none' });
  const passed = net.conv(`${id}.shortcut.conv2`, half, { kernel: 1, group: stage });
  appendBranch(net, stage, id, half, from, 2);
  appendShuffle(net, id, passed);
}

/** Figure 3c. */
function appendBlock(net: Sequence, stage: string, block: number, half: number): void {
  const id = `${stage}.block${block}`;
  const inputs = [net.last()];
  const passed = net.append({ id: `${id}.passed`, op: 'split', inputs, parts: 2, part: 0 });
  const read = net.append({ id: `${id}.read`, op: 'split', inputs, parts: 2, part: 1 });
  appendBranch(net, stage, id, half, read, 1);
  appendShuffle(net, id, passed);
}

function appendBranch(net: Sequence, stage: string, id: string, half: number, from: string, stride: number): void {
  net.conv(`${id}.conv1`, half, { kernel: 1, from });
  net.depthwise(`${id}.conv2`, { stride, activation: 'none' });
  net.conv(`${id}.conv3`, half, { kernel: 1, group: stage });
}

function appendShuffle(net: Sequence, id: string, passed: string): void {
  net.append({ id: `${id}.concat`, op: 'concat', inputs: [passed, net.last()] });
  net.append({ id: `${id}.shuffle`, op: 'channel-shuffle', groups: 2 });
}
