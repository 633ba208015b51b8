import { type Architecture, inputId, type Node } from '../ir/architecture.js';
import type { Model } from './model.js';

type Foldable = Extract<Node, { readonly op: 'conv' | 'depthwise-conv' | 'dense' }>;

/**
 * The model without those batch norms that stand behind a convolution or dense layer and are its only reader: with g = scale / sqrt(variance
 * + epsilon) a channel, the kernel becomes g · kernel, the bias g · (bias - mean) + offset. Other batch norms stay.
 */
export function foldBatchNorm({ architecture, weights, metadata }: Model): Model {
  const folded = new Map(weights);
  const renamed = new Map<string, string>(); // a batch norm that is gone → the node in its place
  const biased = new Set<string>();
  const byId = new Map(architecture.nodes.map((node) => [node.id, node]));
  const reads = countReaders(architecture);

  for (const node of architecture.nodes) {
    if (node.op !== 'batch-norm') continue;
    const source = byId.get(node.inputs[0] ?? inputId);
    if (!source || !isFoldable(source) || reads.get(source.id) !== 1) continue;
    foldInto(source, node.id, node.epsilon, folded);
    renamed.set(node.id, source.id);
    biased.add(source.id);
  }
  const idOf = (id: string): string => renamed.get(id) ?? id;
  const nodes = architecture.nodes
    .filter(({ id }) => !renamed.has(id))
    .map((node) => ({ ...node, inputs: node.inputs.map(idOf), ...(biased.has(node.id) ? { bias: true } : {}) }) as Node);
  return { architecture: { ...architecture, nodes, output: idOf(architecture.output) }, weights: folded, metadata };
}

function isFoldable(node: Node): node is Foldable {
  return node.op === 'conv' || node.op === 'depthwise-conv' || node.op === 'dense';
}

/** How often each value is read, by id; the logits are read by the caller. */
export function countReaders({ nodes, output }: Architecture): ReadonlyMap<string, number> {
  const counts = new Map([[output, 1]]);
  for (const input of nodes.flatMap(({ inputs }) => inputs)) counts.set(input, (counts.get(input) ?? 0) + 1);
  return counts;
}

function foldInto(node: Foldable, batchNorm: string, epsilon: number, weights: Map<string, Float32Array>): void {
  const take = (part: string): Float32Array => {
    const values = weights.get(`${batchNorm}/${part}`) ?? new Float32Array();
    weights.delete(`${batchNorm}/${part}`);
    return values;
  };
  const [scale, offset, mean, variance] = [take('scale'), take('offset'), take('moving-mean'), take('moving-variance')];
  const factors = Float64Array.from(variance, (value, channel) => (scale[channel] ?? 0) / Math.sqrt(value + epsilon));
  const kernel = weights.get(`${node.id}/kernel`) ?? new Float32Array();
  const bias = weights.get(`${node.id}/bias`);
  // The channel is the last axis of a kernel: [kh, kw, inC, outC], [in, out], and [kh, kw, c, 1] for the depthwise one.
  weights.set(
    `${node.id}/kernel`,
    kernel.map((value, index) => value * (factors[index % factors.length] ?? 0)),
  );
  weights.set(
    `${node.id}/bias`,
    Float32Array.from(factors, (factor, channel) => ((bias?.[channel] ?? 0) - (mean[channel] ?? 0)) * factor + (offset[channel] ?? 0)),
  );
}
