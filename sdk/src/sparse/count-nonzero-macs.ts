import type { Model } from '../export/model.js';
import { countNodes } from '../ir/count.js';
import { kernelName } from '../mask/masks.js';

/**
 * Multiply-accumulates of one image's forward pass whose weight is not zero: what a sparse engine has to do. Every weight of a layer is used
 * equally often. Exact; a node without weights of that name counts as dense.
 */
export function countNonzeroMacs({ architecture, weights }: Pick<Model, 'architecture' | 'weights'>): number {
  return countNodes(architecture).reduce((sum, { node, macs, prunable }) => {
    const kernel = weights.get(kernelName(node.id));
    if (!kernel || prunable === 0) return sum + macs;
    const nonzero = kernel.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0);
    return sum + (macs / prunable) * nonzero;
  }, 0);
}
