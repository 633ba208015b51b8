import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import type { Padding } from '@precrop/sdk/ir/geometry';

const strides = [1, 1] as const;
const square = [3, 3] as const;

/** A small network with every op, two of which stand on odd sizes. `padding` is that of the grouped convolution and the pools. */
export function createEveryOp(padding: Padding = 'same', pool: Padding = padding): Architecture {
  const nodes: readonly Node[] = [
    { id: 'wide', op: 'conv', inputs: ['input'], outChannels: 8, kernel: [3, 2], strides, padding: 'same', groups: 1, bias: true },
    { id: 'norm', op: 'batch-norm', inputs: ['wide'], epsilon: 1e-3, momentum: 0.99 },
    { id: 'relu', op: 'relu', inputs: ['norm'] },
    { id: 'grouped', op: 'conv', inputs: ['relu'], outChannels: 12, kernel: square, strides: [2, 1], padding, groups: 4, bias: false },
    { id: 'norm2', op: 'batch-norm', inputs: ['grouped'], epsilon: 1e-5, momentum: 0.9 },
    { id: 'relu6', op: 'relu6', inputs: ['norm2'] },
    { id: 'shuffle', op: 'channel-shuffle', inputs: ['relu6'], groups: 3 },
    { id: 'first', op: 'split', inputs: ['shuffle'], parts: 3, part: 0 },
    { id: 'last', op: 'split', inputs: ['shuffle'], parts: 3, part: 2 },
    { id: 'depthwise', op: 'depthwise-conv', inputs: ['first'], kernel: square, strides, padding: 'same', bias: true },
    { id: 'sum', op: 'add', inputs: ['depthwise', 'last'] },
    { id: 'joined', op: 'concat', inputs: ['sum', 'last', 'first'] },
    { id: 'max', op: 'max-pool', inputs: ['joined'], kernel: square, strides: [2, 2], padding: pool },
    { id: 'mean', op: 'avg-pool', inputs: ['max'], kernel: square, strides, padding: pool },
    { id: 'norm3', op: 'batch-norm', inputs: ['mean'], epsilon: 1e-3, momentum: 0.9 }, // cannot be folded
    { id: 'vector', op: 'global-avg-pool', inputs: ['norm3'] },
    { id: 'hidden', op: 'dense', inputs: ['vector'], outChannels: 6, bias: false },
    { id: 'hidden.relu', op: 'relu', inputs: ['hidden'] },
    { id: 'classes', op: 'dense', inputs: ['hidden.relu'], outChannels: 5, bias: true },
  ];
  return { name: 'every-op', input: [15, 13, 3], classes: 5, nodes, output: 'classes' };
}
