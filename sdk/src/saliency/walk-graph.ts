import { type Architecture, inputId, type Node } from '../ir/architecture.js';
import { channelsOf } from '../ir/node.js';
import { specOf } from '../ir/ops.js';
import { type ShapedNode, toShapedNodes } from '../ir/shapes.js';
import { kernelName } from '../mask/masks.js';

/** A network as channels and the links between them. */
export interface WalkGraph {
  /** By id. */
  readonly nodes: ReadonlyMap<string, WalkNode>;
  /** Who reads a value: the image, or a node's output. */
  readonly readers: ReadonlyMap<string, readonly Reader[]>;
}

/** Links of a node between the channels that it reads, of all inputs one behind the other, and those of its output. */
export interface WalkNode {
  readonly id: string;
  readonly outputs: number;
  readonly kernel: Float32Array | undefined; // [window, links]
  /** How many there are. They are numbered place · outputs + to. */
  readonly links: number;
  /** Links that end at a channel of the output: by place, of which there are as many as it reads. */
  linksInto(to: number): Links;
  /** Links that begin at a channel. */
  linksFrom(from: number): Links;
  /** Where a link begins. */
  originOf(link: number): Origin;
}

export interface Links {
  readonly ids: Uint32Array;
  /** Sums of |weights| over the window, of this link and all before it. A link without weights counts as 1. */
  readonly strengths: Float64Array;
}

export interface Origin {
  readonly value: string;
  readonly channel: number;
  /** Whether a walk back meets weights before it comes to a sum or a fork. */
  readonly weighted: boolean;
}

export interface Reader {
  readonly node: WalkNode;
  /** Where the value's channels begin among those that the node reads. */
  readonly first: number;
  /** Whether a walk forward meets weights before it comes to a sum or a fork. */
  readonly weighted: boolean;
}

/** @param weights of which the kernels are looked at. */
export function toWalkGraph(architecture: Architecture, weights: ReadonlyMap<string, Float32Array>): WalkGraph {
  const byId = new Map(architecture.nodes.map((node) => [node.id, node]));
  const readersOf = (value: string): readonly Node[] => architecture.nodes.filter(({ inputs }) => inputs.includes(value));
  const hasKernel = (node: Node): boolean => weights.has(kernelName(node.id));
  const leadsToWeights = (node: Node): boolean => {
    const [next, ...others] = readersOf(node.id);
    return hasKernel(node) || (node.inputs.length === 1 && next !== undefined && others.length === 0 && leadsToWeights(next));
  };
  const comesFromWeights = (value: string): boolean => {
    const node = byId.get(value);
    if (!node || readersOf(value).length !== 1) return false;
    return hasKernel(node) || (node.inputs.length === 1 && comesFromWeights(node.inputs[0] as string));
  };

  const nodes = new Map<string, WalkNode>();
  const readers = new Map<string, Reader[]>([inputId, ...byId.keys()].map((id) => [id, []]));
  for (const shaped of toShapedNodes(architecture)) {
    const origins = shaped.node.inputs.flatMap((value, index) => {
      const weighted = comesFromWeights(value);
      return Array.from({ length: channelsOf(shaped.inputs[index] ?? []) }, (_, channel) => ({ value, channel, weighted }));
    });
    const node = toWalkNode(shaped, origins, weights.get(kernelName(shaped.node.id)));
    nodes.set(node.id, node);
    const weighted = leadsToWeights(shaped.node);
    for (const value of new Set(shaped.node.inputs))
      readers.get(value)?.push({ node, first: origins.findIndex((origin) => origin.value === value), weighted });
  }
  return { nodes, readers };
}

function toWalkNode({ node, inputs, output }: ShapedNode, origins: readonly Origin[], kernel: Float32Array | undefined): WalkNode {
  const outputs = channelsOf(output);
  const reads = specOf(node).reads(node, inputs);
  const into = Array.from({ length: outputs }, (): number[] => []);
  const from = origins.map((): number[] => []);
  for (let to = 0; to < outputs; to++) {
    reads(to).forEach((channel, place) => {
      into[to]?.push(place * outputs + to);
      from[channel]?.push(place * outputs + to);
    });
  }
  const links = reads(0).length * outputs;
  const strengths = kernel ? sumWindow(kernel, links) : new Float64Array(links).fill(1);
  const [intoLinks, fromLinks] = [into, from].map((lists) => lists.map((ids) => accumulate(Uint32Array.from(ids), strengths)));
  return {
    id: node.id,
    outputs,
    kernel,
    links,
    linksInto: (to) => intoLinks?.[to] as Links,
    linksFrom: (channel) => fromLinks?.[channel] as Links,
    originOf: (link) => origins[reads(link % outputs)[Math.floor(link / outputs)] as number] as Origin,
  };
}

function sumWindow(kernel: Float32Array, links: number): Float64Array {
  const strengths = new Float64Array(links);
  for (let index = 0; index < kernel.length; index++) {
    strengths[index % links] = (strengths[index % links] as number) + Math.abs(kernel[index] as number);
  }
  return strengths;
}

function accumulate(ids: Uint32Array, strengths: Float64Array): Links {
  let sum = 0;
  return { ids, strengths: Float64Array.from(ids, (link) => (sum += strengths[link] as number)) };
}
