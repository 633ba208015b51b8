import { oncePer } from '../core/once.js';
import type { Architecture, Node } from '../ir/architecture.js';
import { inputId } from '../ir/architecture.js';
import {
  macsAt,
  numbersAt,
  type PlacedNode,
  type PlacedValue,
  paramsAt,
  placeNodes,
  type Setting,
  toSetting,
  widthAt,
} from '../ir/placed-nodes.js';
import type { Widths } from '../ir/widths.js';

/** What is timed: finished models for inference, or whole training steps. */
export type Purpose = 'inference' | 'training';

/**
 * What a runtime does as one piece of work: a convolution with its bias and activation, a pooling, a residual sum. `kind` names everything that
 * changes how it is computed but its sizes: `conv3x3/2`, `depthwise3x3/1`, `dense`. Sizes are of one image.
 */
export interface Kernel {
  readonly kind: string;
  /** Pixels of the output, height times width. */
  readonly pixels: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly macs: number;
  readonly weights: number;
  /** Numbers read, all inputs together, and written. */
  readonly reads: number;
  readonly writes: number;
}

/**
 * What disappears into the node before it, where that is the only reader: inference folds batch norms into weights and applies activations while
 * results are still in registers. Training keeps every result for the backward pass. What else a runtime fuses (sums into convolutions) is
 * learned: such kernels turn out cheap.
 */
const fused: Readonly<Record<Purpose, Readonly<Record<string, readonly Node['op'][]>>>> = {
  inference: {
    'batch-norm': ['conv', 'depthwise-conv', 'dense'],
    relu: ['conv', 'depthwise-conv', 'dense'],
    relu6: ['conv', 'depthwise-conv', 'dense'],
  },
  training: {},
};

/** A node that is a kernel of its own, of which kind, and how many there are that are alike at any widths. */
export interface KernelNode {
  readonly placed: PlacedNode;
  readonly kind: string;
  readonly times: number;
}

/** The nodes that do not disappear into others. */
export const findKernelNodes: Readonly<Record<Purpose, (architecture: Architecture) => readonly KernelNode[]>> = {
  inference: oncePer((architecture) => listKernelNodes(architecture, 'inference')),
  training: oncePer((architecture) => listKernelNodes(architecture, 'training')),
};

function listKernelNodes(architecture: Architecture, purpose: Purpose): readonly KernelNode[] {
  const isFused = findFused(architecture, purpose);
  const found = new Map<string, { placed: PlacedNode; kind: string; times: number }>();
  for (const placed of placeNodes(architecture).nodes) {
    if (isFused(placed.node.id)) continue;
    const kind = kindFor(placed.node, purpose);
    const key = JSON.stringify([kind, placed.inputs, placed.output, placed.params]);
    const alike = found.get(key);
    if (alike) alike.times++;
    else found.set(key, { placed, kind, times: 1 });
  }
  return [...found.values()];
}

/** The kernels that one image's pass needs; equal ones may be one and the same object. @param widths where it has others than its own */
export function toKernels(architecture: Architecture, purpose: Purpose, widths: Widths = new Map()): readonly Kernel[] {
  const setting = toSetting(architecture, widths);
  const kernels = [callKernel];
  for (const node of findKernelNodes[purpose](architecture)) {
    const kernel = toKernel(node, setting);
    for (let time = 0; time < node.times; time++) kernels.push(kernel);
  }
  return kernels;
}

/** How many they are, at any widths. */
export function countKernels(architecture: Architecture, purpose: Purpose): number {
  return findKernelNodes[purpose](architecture).reduce((sum, { times }) => sum + times, 1);
}

/** Whether a node disappears into the one before it. */
function findFused(architecture: Architecture, purpose: Purpose): (id: string) => boolean {
  const rules = fused[purpose];
  const readers = new Map<string, number>();
  for (const id of architecture.nodes.flatMap(({ inputs }) => inputs)) readers.set(id, (readers.get(id) ?? 0) + 1);
  const host = new Map<string, Node['op']>(); // id → op of the kernel that computes it
  const gone = new Set<string>();
  for (const { id, op, inputs } of architecture.nodes) {
    const [source = inputId] = inputs;
    const before = readers.get(source) === 1 ? host.get(source) : undefined;
    const isFused = before !== undefined && rules[op]?.includes(before);
    if (isFused) gone.add(id);
    host.set(id, isFused ? before : op);
  }
  return (id) => gone.has(id);
}

/** What every call of a network takes, whatever is in it. */
export const callKernel: Kernel = { kind: 'call', pixels: 1, inChannels: 1, outChannels: 1, macs: 0, weights: 0, reads: 0, writes: 0 };

/** Equal keys are equal kernels. */
export function keyOf({ kind, pixels, inChannels, outChannels, reads }: Kernel): string {
  return `${kind} ${pixels} ${inChannels} ${outChannels} ${reads}`;
}

function kindFor(node: Node, purpose: Purpose): string {
  const isFirst = purpose === 'training' && node.inputs.includes(inputId); // needs no gradient of its input
  return `${nameOf(node)}${isFirst ? ' first' : ''}`;
}

export function toKernel(node: KernelNode, setting: Setting): Kernel {
  const { placed } = node;
  const { inputs, output } = placed;
  let inChannels = 0;
  let reads = 0;
  for (let index = 0; index < inputs.length; index++) {
    const input = inputs[index] as PlacedValue;
    const channels = widthAt(input.axis, setting);
    inChannels = Math.max(inChannels, channels);
    reads += input.pixels * channels;
  }
  return {
    kind: node.kind,
    pixels: output.pixels,
    inChannels,
    outChannels: widthAt(output.axis, setting),
    macs: macsAt(placed, setting),
    weights: paramsAt(placed, setting),
    reads,
    writes: numbersAt(output, setting),
  };
}

function nameOf(node: Node): string {
  switch (node.op) {
    case 'conv':
      return `conv${node.kernel.join('x')}/${node.strides[0]}${node.groups > 1 ? ` in ${node.groups} groups` : ''}`;
    case 'depthwise-conv':
      return `depthwise${node.kernel.join('x')}/${node.strides[0]}`;
    case 'max-pool':
    case 'avg-pool':
      return `${node.op}${node.kernel.join('x')}/${node.strides[0]}`;
    case 'concat':
      return `concat ${node.inputs.length}`;
    default:
      return node.op;
  }
}
