import type * as tf from '@tensorflow/tfjs-node';
import { type Architecture, inputId } from '../../ir/architecture.js';
import { toShapedNodes } from '../../ir/shapes.js';
import { toLayer } from './to-layer.js';

/**
 * The network as a tfjs-layers model of the functional API, as its users would write it: probabilities out, each layer named by its node.
 * @throws BackendError for ops and paddings that tfjs-layers has no layer for.
 */
export function toLayersModel(architecture: Architecture, tfjs: typeof tf): tf.LayersModel {
  const image = tfjs.input({ shape: [...architecture.input] });
  const values = new Map<string, tf.SymbolicTensor>([[inputId, image]]);
  for (const { node, inputs } of toShapedNodes(architecture)) {
    const [first, ...others] = node.inputs.map((id) => values.get(id) as tf.SymbolicTensor);
    const output = toLayer(node, inputs, tfjs).apply(others.length === 0 && first ? first : ([first, ...others] as tf.SymbolicTensor[]));
    values.set(node.id, output as tf.SymbolicTensor);
  }
  const probabilities = tfjs.layers.softmax().apply(values.get(architecture.output) as tf.SymbolicTensor);
  return tfjs.model({ inputs: image, outputs: probabilities as tf.SymbolicTensor, name: architecture.name });
}
