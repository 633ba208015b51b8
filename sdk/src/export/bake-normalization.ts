import { inputId, type Node } from '../ir/architecture.js';
import type { Model } from './model.js';

const id = 'normalization';

/** The model that reads pixels in 0…1 as they are: its normalisation is a batch norm on the image. Unchanged where there is none. */
export function bakeNormalization(model: Model): Model {
  const { architecture, weights, metadata } = model;
  const { normalization, ...rest } = metadata;
  if (!normalization) return model;
  const { mean, std } = normalization;
  const epsilon = 1e-12; // a batch norm cannot do without
  const first: Node = { id, op: 'batch-norm', inputs: [inputId], epsilon, momentum: 0.9 };
  const others = architecture.nodes.map((node) => ({ ...node, inputs: node.inputs.map((input) => (input === inputId ? id : input)) }));
  return {
    architecture: { ...architecture, nodes: [first, ...others] },
    weights: new Map([
      ...weights,
      [`${id}/scale`, Float32Array.from(mean, () => 1)],
      [`${id}/offset`, Float32Array.from(mean, () => 0)],
      [`${id}/moving-mean`, Float32Array.from(mean)],
      [`${id}/moving-variance`, Float32Array.from(std, (value) => value * value)],
    ]),
    metadata: rest,
  };
}
