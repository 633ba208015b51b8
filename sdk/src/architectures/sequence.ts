import { inputId, type Node } from '../ir/architecture.js';

export interface LayerOptions {
  /** Side of the square kernel; default 3. */
  readonly kernel?: number;
  readonly stride?: number;
  /** What follows the batch norm; default `relu`. */
  readonly activation?: 'relu' | 'relu6' | 'none';
  /** Node to read; default the last one. */
  readonly from?: string;
}

export interface ConvOptions extends LayerOptions {
  readonly groups?: number;
  /** Name of the width group that the convolution writes; default its id. */
  readonly group?: string;
}

type Ported<N> = N extends Node ? Omit<N, 'inputs'> & { readonly inputs?: readonly string[] } : never;

/** A list of nodes that grows at its end. */
export interface Sequence {
  readonly nodes: readonly Node[];
  /** Id of the last node, or of the image. */
  last(): string;
  /** Appends a node that reads `inputs`, or the last node. Gives its id. */
  append(node: Ported<Node>): string;
  /** Convolution, batch norm, activation. `stage1.conv2` is followed by `stage1.bn2` and `stage1.relu2`. Gives the last id. */
  conv(id: string, outChannels: number, options?: ConvOptions): string;
  /** The same with a depthwise convolution. */
  depthwise(id: string, options?: LayerOptions): string;
  pool(id: string, op: 'max-pool' | 'avg-pool', kernel: number, from?: string): string;
  /** Global average pooling and the classifier, `head.fc`. */
  classify(classes: number): void;
}

export function createSequence(): Sequence {
  const nodes: Node[] = [];
  const last = (): string => nodes.at(-1)?.id ?? inputId;

  function append(node: Ported<Node>): string {
    nodes.push({ ...node, inputs: node.inputs ?? [last()] } as Node);
    return node.id;
  }

  function normalise(convId: string, activation: LayerOptions['activation'] = 'relu'): string {
    const sibling = (kind: string): string => convId.replace(/conv(\d*)$/, `${kind}$1`);
    append({ id: sibling('bn'), op: 'batch-norm', epsilon: 1e-5, momentum: 0.9 });
    return activation === 'none' ? last() : append({ id: sibling('relu'), op: activation });
  }

  return {
    nodes,
    last,
    append,
    conv(id, outChannels, { groups = 1, group, from = last(), activation, ...window } = {}) {
      const named = group === undefined ? {} : { group };
      append({ id, op: 'conv', inputs: [from], outChannels, ...slideBy(window), groups, bias: false, ...named });
      return normalise(id, activation);
    },
    depthwise(id, { from = last(), activation, ...window } = {}) {
      append({ id, op: 'depthwise-conv', inputs: [from], ...slideBy(window), bias: false });
      return normalise(id, activation);
    },
    pool: (id, op, kernel, from = last()) => append({ id, op, inputs: [from], ...slideBy({ kernel, stride: 2 }) }),
    classify(classes) {
      append({ id: 'head.pool', op: 'global-avg-pool' });
      append({ id: 'head.fc', op: 'dense', outChannels: classes, bias: true });
    },
  };
}

function slideBy({ kernel = 3, stride = 1 }: { readonly kernel?: number; readonly stride?: number }) {
  return { kernel: [kernel, kernel], strides: [stride, stride], padding: 'same' } as const;
}
