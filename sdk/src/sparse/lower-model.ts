import type { Model } from '../export/model.js';
import { inputId, type Node } from '../ir/architecture.js';
import { padsOf } from '../ir/geometry.js';
import { channelsOf, type Shape } from '../ir/node.js';
import { toShapedNodes } from '../ir/shapes.js';
import { findAbsorbed } from './fusions.js';
import type { ConvOp, Plane, Range, SlidingWindow, SparseNetwork, SparseOp, Value } from './network.js';
import { toDepthwiseKernel, toScalingKernel, toSparseKernel } from './sparse-kernel.js';

/** A convolution that is not yet an op: what reads it may become part of it. */
type Linear = Omit<ConvOp, 'output' | 'range'>;

const onePixel: SlidingWindow = { kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] };
const unlimited: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** The network of a model whose batch norms are folded where they can be. Weights that are zero are left out here and cost nothing later. */
export function lowerModel({ architecture, weights }: Model): SparseNetwork {
  const absorbed = findAbsorbed(architecture);
  const shaped = new Map(toShapedNodes(architecture).map((each) => [each.node.id, each]));
  const [height, width, channels] = architecture.input;
  const values: Value[] = [{ height, width, channels, nonNegative: false }];
  const ops: SparseOp[] = [];
  const planes = new Map<string, readonly Plane[]>([[inputId, listPlanes(0, channels)]]);

  const planesOf = (id: string | undefined): readonly Plane[] => planes.get(id ?? inputId) ?? [];
  const shapeOf = (id: string | undefined): Shape => (id === inputId ? architecture.input : (shaped.get(id ?? '')?.output ?? []));
  const part = (node: Node, name: string): Float32Array => weights.get(`${node.id}/${name}`) ?? new Float32Array();

  const addValue = (id: string, nonNegative: boolean): number => {
    const shape = shapeOf(id);
    const [height = 1, width = 1] = shape.length === 1 ? [] : shape;
    values.push({ height, width, channels: channelsOf(shape), nonNegative });
    planes.set(id, listPlanes(values.length - 1, channelsOf(shape)));
    return values.length - 1;
  };
  const addConv = (id: string, op: Linear, range: Range): void => void ops.push({ ...op, output: addValue(id, range[0] >= 0), range });
  const windowOf = (node: Extract<Node, { readonly kernel: unknown }>): SlidingWindow => {
    const [height = 1, width = 1] = shapeOf(node.inputs[0]);
    return { kernel: node.kernel, strides: node.strides, pads: padsOf(node, height, width) };
  };

  /** The node as a convolution; nodes that are none are read as they are. */
  const toLinear = (id: string): Linear => {
    const node = shaped.get(id)?.node;
    if (!node || !absorbed.has(id)) return identityOf(planesOf(id));
    return linearOf(node) ?? identityOf(planesOf(id));
  };
  const linearOf = (node: Node): Linear | undefined => {
    const inputs = planesOf(node.inputs[0]);
    switch (node.op) {
      case 'conv': {
        const shape = [node.kernel[0] * node.kernel[1], inputs.length / node.groups, node.outChannels] as const;
        const sparse = toSparseKernel(part(node, 'kernel'), shape, node.groups, node.bias ? part(node, 'bias') : undefined);
        return { kind: 'conv', inputs, ...windowOf(node), weights: sparse };
      }
      case 'depthwise-conv': {
        const sparse = toDepthwiseKernel(part(node, 'kernel'), node.kernel[0] * node.kernel[1], node.bias ? part(node, 'bias') : undefined);
        return { kind: 'conv', inputs, ...windowOf(node), weights: sparse };
      }
      case 'dense': {
        const shape = [1, inputs.length, node.outChannels] as const;
        const sparse = toSparseKernel(part(node, 'kernel'), shape, 1, node.bias ? part(node, 'bias') : undefined);
        return { kind: 'conv', inputs, ...onePixel, weights: sparse };
      }
      case 'batch-norm': {
        const factors = part(node, 'moving-variance').map((v, c) => (part(node, 'scale')[c] ?? 0) / Math.sqrt(v + node.epsilon));
        const bias = part(node, 'offset').map((v, c) => v - (part(node, 'moving-mean')[c] ?? 0) * (factors[c] ?? 0));
        return { kind: 'conv', inputs, ...onePixel, weights: toScalingKernel(factors, bias) };
      }
      case 'add': {
        const [a = inputId, b = inputId] = node.inputs;
        const [fused, other] = absorbed.has(b) ? [b, a] : [a, b];
        return { ...toLinear(fused), residual: planesOf(other) };
      }
      default:
        return undefined;
    }
  };

  for (const node of architecture.nodes) {
    if (absorbed.has(node.id)) continue;
    const inputs = node.inputs.flatMap((id) => planesOf(id));
    switch (node.op) {
      case 'relu':
      case 'relu6':
        addConv(node.id, toLinear(node.inputs[0] ?? inputId), [0, node.op === 'relu' ? Number.POSITIVE_INFINITY : 6]);
        break;
      case 'concat':
        planes.set(node.id, inputs);
        break;
      case 'split':
        planes.set(node.id, inputs.slice((node.part * inputs.length) / node.parts, ((node.part + 1) * inputs.length) / node.parts));
        break;
      case 'channel-shuffle':
        planes.set(node.id, shuffle(inputs, node.groups));
        break;
      case 'max-pool':
      case 'avg-pool': {
        const nonNegative = inputs.every(({ value }) => values[value]?.nonNegative);
        ops.push({ kind: node.op, inputs, ...windowOf(node), output: addValue(node.id, nonNegative) });
        break;
      }
      case 'global-avg-pool':
        ops.push({ kind: 'mean', inputs, output: addValue(node.id, false) });
        break;
      default:
        addConv(node.id, linearOf(node) ?? identityOf(inputs), unlimited);
    }
  }
  return { values, ops, logits: planesOf(architecture.output) };
}

function listPlanes(value: number, channels: number): readonly Plane[] {
  return Array.from({ length: channels }, (_, channel) => ({ value, channel }));
}

function identityOf(inputs: readonly Plane[]): Linear {
  return { kind: 'conv', inputs, ...onePixel, weights: toScalingKernel(new Float32Array(inputs.length).fill(1)) };
}

/** Deals the channels of equal runs out in turn. */
function shuffle(planes: readonly Plane[], groups: number): readonly Plane[] {
  const run = planes.length / groups;
  return planes.map((_, channel) => planes[(channel % groups) * run + Math.floor(channel / groups)] as Plane);
}
