import type * as tf from '@tensorflow/tfjs-node';
import { UsageError } from '../../core/errors.js';
import type { Architecture } from '../../ir/architecture.js';
import type { Weights } from '../backend.js';
import { loadBinding } from '../tensorflow-graph/binding.js';
import { loadTfjsNode } from './load-tfjs-node.js';
import { toLayersModel } from './to-layers-model.js';

/** SGD with momentum, and cross-entropy against the labels. Without decay. */
export interface LayersRecipe {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** A compiled tfjs-layers model on tfjs-node: what our training step is compared with. */
export interface LayersTrainer {
  /** One step on images [batch, h, w, c] and labels [batch]. Gives the mean loss. */
  trainOnBatch(images: Float32Array, labels: Int32Array): Promise<number>;
  /** Probabilities, [batch, classes]. */
  predict(images: Float32Array): Float32Array;
  /** Sets every weight, by the names of our variables. @throws UsageError for one that is missing. */
  writeWeights(weights: Weights): void;
  /** Tensors that are alive in the library. */
  countTensors(): number;
  readonly versions: Readonly<Record<string, string>>;
  dispose(): void;
}

/** @throws BackendError for what tfjs-layers cannot hold; whatever the loader throws where the native library is absent. */
export function createLayersTrainer(architecture: Architecture, recipe: LayersRecipe): LayersTrainer {
  const { TF_Version } = loadBinding();
  const tfjs = loadTfjsNode();
  const model = toLayersModel(architecture, tfjs);
  const optimizer = tfjs.train.momentum(recipe.learningRate, recipe.momentum, recipe.nesterov);
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });

  const toImages = (images: Float32Array): tf.Tensor => {
    const [height, width, channels] = architecture.input;
    return tfjs.tensor4d(images, [images.length / (height * width * channels), height, width, channels]);
  };
  return {
    versions: { tensorflow: TF_Version, 'tfjs-node': tfjs.version['tfjs-node'], 'tfjs-layers': tfjs.version['tfjs-layers'] },
    async trainOnBatch(images, labels) {
      const [x, y] = [toImages(images), tfjs.tensor1d(labels, 'float32')];
      const loss = await model.trainOnBatch(x, y);
      tfjs.dispose([x, y]);
      return loss as number;
    },
    predict: (images) => tfjs.tidy(() => (model.predict(toImages(images)) as tf.Tensor).dataSync() as Float32Array),
    writeWeights(weights) {
      for (const { id } of architecture.nodes) writeLayer(model.getLayer(id), weights, tfjs);
    },
    countTensors: () => tfjs.memory().numTensors,
    dispose() {
      model.dispose();
      optimizer.dispose();
    },
  };
}

// tfjs-layers' last part of a weight's name → ours.
const suffixes: Readonly<Record<string, string>> = {
  kernel: 'kernel',
  depthwise_kernel: 'kernel',
  bias: 'bias',
  gamma: 'scale',
  beta: 'offset',
  moving_mean: 'moving-mean',
  moving_variance: 'moving-variance',
};

function writeLayer(layer: tf.layers.Layer, weights: Weights, tfjs: typeof tf): void {
  const tensors = layer.weights.map(({ originalName, shape }) => {
    const name = `${layer.name}/${suffixes[originalName.split('/').at(-1) ?? '']}`;
    const values = weights.get(name);
    if (!values) throw new UsageError(`The weights have no "${name}", which layer "${layer.name}" of tfjs-layers needs.`);
    return tfjs.tensor(values, shape as number[]);
  });
  layer.setWeights(tensors);
  tfjs.dispose(tensors);
}
