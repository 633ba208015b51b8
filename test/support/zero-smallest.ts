import type { Model } from '@precrop/sdk/export/model';
import type { Node } from '@precrop/sdk/ir/architecture';

/** The model with the smallest weights of each kernel set to zero, as after magnitude pruning; `share` of them, of the nodes that `wanted` names. */
export function zeroSmallest(model: Model, share: number, wanted: (node: Node) => boolean): Model {
  const weights = new Map(model.weights);
  for (const { id } of model.architecture.nodes.filter(wanted)) {
    const kernel = weights.get(`${id}/kernel`);
    if (!kernel) continue;
    const threshold = Float32Array.from(kernel, Math.abs).sort()[Math.ceil(share * kernel.length)] ?? Number.POSITIVE_INFINITY;
    weights.set(
      `${id}/kernel`,
      kernel.map((weight) => (Math.abs(weight) < threshold ? 0 : weight)),
    );
  }
  return { ...model, weights };
}

export function isPointwise(node: Node): boolean {
  return node.op === 'conv' && node.kernel.every((extent) => extent === 1);
}
