import type { Architecture, Node } from '../ir/architecture.js';
import { inputId } from '../ir/architecture.js';
import { channelsOf, sizeOf } from '../ir/node.js';
import { specOf } from '../ir/ops.js';
import { placeNodes, resizeNode } from '../ir/placed-nodes.js';
import { type ShapedNode, toShapedNodes } from '../ir/shapes.js';
import { findWidthGroups } from '../ir/width-groups.js';
import { checkWidths, type Widths } from '../ir/widths.js';

/** What is timed: finished models for inference, or whole training steps. */
export type Purpose = 'inference' | 'training';

/**
 * What a runtime does as one piece of work: a convolution with its bias and activation, a pooling, a residual sum. `kind` names everything that
 * changes how it is computed but its sizes: `conv3x3/2`, `depthwise3x3/1`, `dense`.
 */
export interface Kernel extends Work {
  readonly kind: string;
}

/** Sizes of a kernel, of one image. */
export interface Work {
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

/** The kernels that one image's pass needs. */
export function toKernels(architecture: Architecture, purpose: Purpose): readonly Kernel[] {
  const isFused = findFused(architecture, purpose);
  return [callKernel, ...toShapedNodes(architecture).flatMap((shaped) => (isFused(shaped.node.id) ? [] : [toKernel(shaped, purpose)]))];
}

/** The same at any widths of an architecture. What does not depend on them is worked out once. */
export function createKernelLister(architecture: Architecture, purpose: Purpose): (widths: Widths) => readonly Kernel[] {
  const { groups } = findWidthGroups(architecture);
  const isFused = findFused(architecture, purpose);
  const names = groups.map(({ name }) => name);
  const kernels = placeNodes(architecture, names).flatMap((placed) => {
    const { node } = placed.shaped;
    return isFused(node.id) ? [] : [{ placed, kind: kindFor(node, purpose) }];
  });
  return (widths) => {
    checkWidths(architecture, widths);
    const setting = Int32Array.from(groups, ({ name, width }) => widths.get(name) ?? width);
    return [callKernel, ...kernels.map(({ placed, kind }): Kernel => ({ kind, ...countWork(resizeNode(placed, setting)) }))];
  };
}

/** Whether a node disappears into the one before it. */
export function findFused(architecture: Architecture, purpose: Purpose): (id: string) => boolean {
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

/** A node that is not fused, as a kernel. */
function toKernel(shaped: ShapedNode, purpose: Purpose): Kernel {
  return { kind: kindFor(shaped.node, purpose), ...countWork(shaped) };
}

/** The kind of a node's kernel, whatever its channels are. */
export function kindFor(node: Node, purpose: Purpose): string {
  const isFirst = purpose === 'training' && node.inputs.includes(inputId); // needs no gradient of its input
  return `${nameOf(node)}${isFirst ? ' first' : ''}`;
}

/** What a node's kernel works on. */
export function countWork({ node, inputs, output }: ShapedNode): Work {
  const spec = specOf(node);
  let [inChannels, reads] = [0, 0];
  for (const input of inputs) {
    inChannels = Math.max(inChannels, channelsOf(input));
    reads += sizeOf(input);
  }
  return {
    pixels: output.length > 1 ? sizeOf(output.slice(0, -1)) : 1,
    inChannels,
    outChannels: channelsOf(output),
    macs: spec.countMacs(node, inputs),
    weights: spec.countParams(node, inputs),
    reads,
    writes: sizeOf(output),
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
