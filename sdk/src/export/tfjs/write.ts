import { ExportError } from '../../core/errors.js';
import { type Architecture, inputId } from '../../ir/architecture.js';
import { type Shape, sizeOf } from '../../ir/node.js';
import { toShapedNodes } from '../../ir/shapes.js';
import type { ModelFile } from '../format.js';
import { describeModel, descriptionKey, type Model } from '../model.js';
import type { Layer, WeightedLayer } from './layer.js';
import { imagesName, toLayerName } from './layer-names.js';
import { jsonFile } from './model-json.js';
import { isNonNegative } from './non-negative.js';
import { toLayers } from './to-layers.js';

const weightsFile = 'group1-shard1of1.bin';

/** The two files of a model: its layers as JSON, and its weights one behind the other. @throws ExportError for what no layer computes. */
export function writeModel(model: Model): ModelFile {
  const layers = toModelLayers(model);
  const weights = layers.flatMap(({ name, weights = [] }) =>
    weights.map(({ part, ...weight }) => ({ name: `${name}/${part}`, ...weight })),
  );
  const json = {
    format: 'layers-model',
    generatedBy: 'PreCrop',
    convertedBy: null,
    modelTopology: toTopology(model.architecture, layers),
    userDefinedMetadata: { [descriptionKey]: describeModel(model) },
    weightsManifest: [{ paths: [weightsFile], weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) }],
  };
  return {
    format: 'tfjs',
    files: new Map([
      [jsonFile, new TextEncoder().encode(JSON.stringify(json))],
      [weightsFile, joinValues(weights.map(({ values }) => values))],
    ]),
  };
}

/** Layers in the order of their nodes. Nodes that the logits do not need are left out: tfjs would not find a place for their weights. */
function toModelLayers({ architecture, weights }: Model): readonly WeightedLayer[] {
  const needed = findNeeded(architecture);
  const nonNegative = new Set<string>();
  return toShapedNodes(architecture).flatMap(({ node, inputs: shapes }) => {
    if (isNonNegative(node, nonNegative)) nonNegative.add(node.id);
    if (!needed.has(node.id)) return [];
    return toLayers(node, {
      name: toLayerName(node.id),
      inputs: node.inputs.map((id) => (id === inputId ? imagesName : toLayerName(id))),
      shapes,
      nonNegative: nonNegative.has(node.inputs[0] ?? inputId),
      weight: (part, shape) => findWeight(weights, `${node.id}/${part}`, shape),
    });
  });
}

function findNeeded({ nodes, output }: Architecture): ReadonlySet<string> {
  const needed = new Set([output]);
  for (const { id, inputs } of nodes.toReversed()) {
    if (needed.has(id)) for (const input of inputs) needed.add(input);
  }
  return needed;
}

function findWeight(weights: Model['weights'], name: string, shape: Shape): Float32Array {
  const values = weights.get(name);
  if (values?.length === sizeOf(shape)) return values;
  throw new ExportError(
    `The weights have ${values ? `${values.length} values` : 'nothing'} for "${name}", which is [${shape.join('x')}]. They are those of another architecture.`,
  );
}

function toTopology({ name, input, output }: Architecture, layers: readonly Layer[]): unknown {
  const images = {
    name: imagesName,
    className: 'InputLayer',
    config: { batch_input_shape: [null, ...input], dtype: 'float32', sparse: false },
    inputs: [],
  };
  const config = {
    name,
    layers: [images, ...layers].map(toJson),
    input_layers: [[imagesName, 0, 0]],
    output_layers: [[toLayerName(output), 0, 0]],
  };
  return { class_name: 'Functional', config };
}

function toJson({ name, className, config, inputs }: Layer): unknown {
  return {
    name,
    class_name: className,
    config: { name, ...(config as object) },
    inbound_nodes: inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [],
  };
}

function joinValues(values: readonly Float32Array[]): Uint8Array {
  const all = new Float32Array(values.reduce((size, { length }) => size + length, 0));
  let offset = 0;
  for (const part of values) {
    all.set(part, offset);
    offset += part.length;
  }
  return new Uint8Array(all.buffer);
}
