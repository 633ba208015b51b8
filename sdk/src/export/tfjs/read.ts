import { z } from 'zod';
import { ArchitectureError, ModelFileError } from '../../core/errors.js';
import { type Architecture, inputId } from '../../ir/architecture.js';
import { validateArchitecture } from '../../ir/validate.js';
import type { ModelFile } from '../format.js';
import { type Model, metadataOf, type StoredModel } from '../model.js';
import { quote } from '../quote.js';
import { checkJson } from './check-json.js';
import type { Layer } from './layer.js';
import { toNodeId } from './layer-names.js';
import { mergeGroups } from './merge-groups.js';
import { parseModelJson } from './model-json.js';
import { createNetworkBuilder, describeLayer, expectForm, type NetworkBuilder, type ReadLayer, type Value } from './network-builder.js';
import { plainLayers } from './plain-layers.js';
import { readTopology, type Topology } from './read-topology.js';
import { createWeightSource } from './read-weights.js';
import { shapeLayers } from './shape-layers.js';
import { windowLayers } from './window-layers.js';

const readers: ReadonlyMap<string, ReadLayer> = new Map(Object.entries({ ...windowLayers, ...plainLayers, ...shapeLayers }));

const side = z.int().positive();
const shape = z.tuple([z.int().nullable(), side, side, side], { error: 'only images [null, height, width, channels] can be imported' });
const images = z.union([
  z.object({ batch_input_shape: shape }).transform((config) => config.batch_input_shape),
  z.object({ batch_shape: shape }).transform((config) => config.batch_shape),
]);

/** The network and weights of a layers model. @throws ModelFileError for a broken file, and for the first layer that is none of our ops. */
export function readModel(file: ModelFile): StoredModel {
  const { topology, weights: groups, description } = parseModelJson(file);
  const source = createWeightSource(groups, file.files);
  try {
    const { architecture, weights } = readNetwork(readTopology(topology), source);
    const [unread] = source.untaken();
    if (unread !== undefined) throw new ModelFileError(`No layer reads the weight ${quote(unread)}. Export the model again.`);
    const stored = [...weights].map(([each, values]) => [each, { length: values.length, read: () => values }] as const);
    return { architecture, weights: new Map(stored), metadata: description ? metadataOf(description) : {} };
  } catch (cause) {
    if (cause instanceof ArchitectureError) throw new ModelFileError(cause.message, { cause });
    throw cause;
  }
}

function readNetwork({ name, layers, output }: Topology, source: ReturnType<typeof createWeightSource>): Omit<Model, 'metadata'> {
  const input = findInput(layers);
  const builder = createNetworkBuilder(input, layers, source);
  const values = new Map<string, Value>();
  for (const layer of mergeGroups(layers)) {
    values.set(layer.name, layer.inputs.length > 0 ? readLayer(layer, values, builder) : readInput(layer, input));
  }
  const logits = readOutput(output, layers, values);
  const architecture: Architecture = { name, input, classes: logits.shape.at(-1) ?? 0, nodes: builder.nodes, output: logits.id };
  validateArchitecture(architecture);
  return { architecture, weights: builder.weights };
}

/** [height, width, channels] of the only input. */
function findInput(layers: readonly Layer[]): readonly [number, number, number] {
  const inputs = layers.filter(({ className }) => className === 'InputLayer');
  const [only] = inputs;
  if (!only || inputs.length > 1)
    throw new ModelFileError(`The model has ${inputs.length} inputs, but only models with one can be imported.`);
  const [, height, width, channels] = checkJson(images, only.config, describeLayer(only));
  return [height, width, channels];
}

function readInput(layer: Layer, shape: Value['shape']): Value {
  if (layer.className !== 'InputLayer') throw new ModelFileError(`${describeLayer(layer)} reads nothing.`);
  return { id: inputId, shape, form: { kind: 'plain' }, probabilities: false };
}

function readLayer(layer: Layer, values: ReadonlyMap<string, Value>, builder: NetworkBuilder): Value {
  const read = readers.get(layer.className);
  if (!read) {
    throw new ModelFileError(`${describeLayer(layer)} cannot be imported. Layers that can: InputLayer, ${[...readers.keys()].join(', ')}.`);
  }
  const inputs = layer.inputs.map((name) => {
    const value = values.get(name);
    if (!value) throw new ModelFileError(`${describeLayer(layer)} reads ${quote(name)}, which is part of a grouped convolution.`);
    return value;
  });
  return read({ layer, id: toNodeId(layer.name), inputs, builder });
}

/** The logits; a softmax at the end is left out. */
function readOutput(name: string, layers: readonly Layer[], values: ReadonlyMap<string, Value>): Value {
  const layer = layers.find((candidate) => candidate.name === name);
  const value = values.get(name);
  if (!layer || !value) throw new ModelFileError(`The output ${quote(name)} is no layer of the model.`);
  return expectForm(layer, { ...value, probabilities: false }, 'plain', 'pixel');
}
