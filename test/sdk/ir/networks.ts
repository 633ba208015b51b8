/** Small networks for the tests of the ir: nodes by their essentials, the rest filled in. */
import type { Architecture, Node } from '@precrop/sdk/ir/architecture';
import type { Padding } from '@precrop/sdk/ir/geometry';

export interface WindowOptions {
  readonly kernel?: number;
  readonly stride?: number;
  readonly padding?: Padding;
}

function slideBy({ kernel = 3, stride = 1, padding = 'same' }: WindowOptions) {
  return { kernel: [kernel, kernel], strides: [stride, stride], padding } as const;
}

export function conv(
  id: string,
  from: string,
  outChannels: number,
  { groups = 1, bias = false, group, ...window }: WindowOptions & { groups?: number; bias?: boolean; group?: string } = {},
): Node {
  return { id, op: 'conv', inputs: [from], outChannels, ...slideBy(window), groups, bias, ...(group === undefined ? {} : { group }) };
}
export const depthwise = (id: string, from: string, window: WindowOptions = {}): Node => ({
  id,
  op: 'depthwise-conv',
  inputs: [from],
  ...slideBy(window),
  bias: false,
});
export const maxPool = (id: string, from: string, window: WindowOptions): Node => ({
  id,
  op: 'max-pool',
  inputs: [from],
  ...slideBy(window),
});
export const batchNorm = (id: string, from: string): Node => ({ id, op: 'batch-norm', inputs: [from], epsilon: 1e-5, momentum: 0.9 });
export const relu = (id: string, from: string): Node => ({ id, op: 'relu', inputs: [from] });
export const add = (id: string, ...inputs: string[]): Node => ({ id, op: 'add', inputs });
export const concat = (id: string, ...inputs: string[]): Node => ({ id, op: 'concat', inputs });
export const split = (id: string, from: string, parts: number, part: number): Node => ({ id, op: 'split', inputs: [from], parts, part });
export const shuffle = (id: string, from: string, groups: number): Node => ({ id, op: 'channel-shuffle', inputs: [from], groups });

/** The nodes with pooling and a classifier of ten classes behind the last one. */
export function network(nodes: readonly Node[], input: readonly [number, number, number] = [8, 8, 3]): Architecture {
  const last = nodes.at(-1)?.id ?? 'input';
  return {
    name: 'small',
    input,
    classes: 10,
    nodes: [
      ...nodes,
      { id: 'head.pool', op: 'global-avg-pool', inputs: [last] },
      { id: 'head.fc', op: 'dense', inputs: ['head.pool'], outChannels: 10, bias: true },
    ],
    output: 'head.fc',
  };
}
